package group

import (
	"context"

	"github.com/cairndb/cairn"
)

// A Start is where a group begins when it is created. The zero Start is the
// beginning of the log.
type Start struct {
	end   bool
	after cairn.Position
}

// End begins behind the last event there is when the group is created. Where
// that was is kept: what comes before the first member has read it is not lost.
func End() Start { return Start{end: true} }

// After begins behind a position.
func After(p cairn.Position) Start { return Start{after: p} }

func (s Start) position(ctx context.Context, store cairn.Inspector) (cairn.Position, error) {
	if !s.end {
		return s.after, nil
	}
	info, err := store.Info(ctx)
	return info.Head, err
}
