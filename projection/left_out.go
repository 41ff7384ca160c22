package projection

import (
	"context"
	"time"

	"github.com/cairndb/cairn"
)

// LeftOut is the record of an event that was not applied.
type LeftOut struct {
	Position cairn.Position `json:"position"`
	Stream   string         `json:"stream"`
	Revision cairn.Revision `json:"revision"`
	Type     string         `json:"type"`

	// Reason is why it failed, and Attempts how often. An event that is parked
	// behind another one of its key has none, and was never tried.
	Reason   string    `json:"reason,omitempty"`
	Attempts int       `json:"attempts,omitempty"`
	At       time.Time `json:"at"` // when it was parked or skipped
}

// maxReason is how much of a reason is kept.
const maxReason = 4 << 10

func leftOut(e *cairn.Recorded, attempts int, reason error) LeftOut {
	o := LeftOut{Position: e.Position, Stream: e.Stream, Revision: e.Revision, Type: e.Type, Attempts: attempts, At: time.Now().UTC()}
	if reason != nil {
		o.Reason = shorten(reason.Error(), maxReason)
	}
	return o
}

// A SkippedEvent is an event that a build has left out for good.
type SkippedEvent struct {
	Build int
	LeftOut
}

// Skipped lists the events that were left out, of all builds of a projection, in
// order. One that nobody has begun is an [ErrUnknown].
func Skipped(ctx context.Context, ledger Ledger, name string) ([]SkippedEvent, error) {
	var all []SkippedEvent
	err := eachBuild(ctx, ledger, name, func(at place, b *Definition) error {
		found, err := leftOutUnder(ctx, ledger, at.skipped(b.Build))
		for _, e := range found {
			all = append(all, SkippedEvent{b.Build, e})
		}
		return err
	})
	return all, err
}

func leftOutUnder(ctx context.Context, ledger Ledger, prefix string) ([]LeftOut, error) {
	entries, err := ledger.Entries(ctx, prefix)
	all := make([]LeftOut, len(entries))
	for i, e := range entries {
		if err := decode(e, &all[i]); err != nil {
			return nil, err
		}
	}
	return all, err
}

// eachBuild calls a function for each build of a projection that is not about to be
// dropped.
func eachBuild(ctx context.Context, ledger Ledger, name string, do func(at place, b *Definition) error) error {
	if err := checkName("name", name); err != nil {
		return err
	}
	at := placeOf(name)
	d, raw, err := loadDeployment(ctx, ledger, at)
	if err == nil && raw == "" {
		err = nothing(name, "it is not in this database")
	}
	for i := range d.Builds {
		if err == nil && d.Builds[i].Phase != Dropping {
			err = do(at, &d.Builds[i])
		}
	}
	return err
}
