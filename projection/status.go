package projection

import (
	"context"
	"time"

	"github.com/cairndb/cairn"
)

// A Status describes a projection with its builds.
type Status struct {
	Projection string         `json:"projection"`
	Active     int            `json:"active"`             // the build that readers see; 0 is none
	Previous   int            `json:"previous,omitempty"` // the one to which Rollback goes; 0 is none
	Head       cairn.Position `json:"head"`               // of the log
	At         time.Time      `json:"at"`                 // when this was seen, by the clock of who looked
	Builds     []BuildStatus  `json:"builds"`             // by number

	// Target is the kind of database that holds it, such as "postgresql"; empty if
	// its Target has no method Kind() string.
	Target string `json:"target,omitempty"`

	// Attended says that what is asked for with [Post] is done, and ParkedFirst
	// are the keys that were parked first: 100 and 48 KiB at most, and no more
	// than the beginnings of the reasons. Only what runners report has them.
	Attended    bool        `json:"attended,omitempty"`
	ParkedFirst []ParkedKey `json:"parkedFirst,omitempty"`
}

// A BuildStatus describes a build.
type BuildStatus struct {
	Build   int      `json:"build"`
	Version int      `json:"version"`
	Phase   Phase    `json:"phase"`
	Tables  []string `json:"tables,omitempty"` // what they are called

	// Query is what the build selects, with the types of its handler. Nil is
	// everything.
	Query cairn.Query `json:"query,omitempty"`

	// Position is how far the build has come as a whole: all its events up to
	// there were applied, parked or skipped.
	Position cairn.Position `json:"position"`
	// Lag is how many of its events come after that; of more than a thousand it
	// is what the store's indices say, and at most so many.
	Lag int64 `json:"lag"`
	// Oldest is when the first of those was appended; zero if Lag is 0.
	Oldest time.Time `json:"oldest,omitzero"`
	// Applied is how many of its events its lanes have passed.
	Applied uint64 `json:"applied"`

	Parked     int64 `json:"parked"`     // how many of them were parked, ever
	ParkedKeys int   `json:"parkedKeys"` // how many keys are parked now
	Skipped    int64 `json:"skipped"`    // how many of them were skipped

	// Rate is how many events are passed in a second, over the last half minute,
	// and ETA when the build will be level if that goes on. Only what runners
	// report has them: see [Reported].
	Rate float64   `json:"rate,omitempty"`
	ETA  time.Time `json:"eta,omitzero"`

	// Error is why the build does not move, as a runner reports it. Down means
	// that the runner goes on when the database does; otherwise it has ended.
	Error string `json:"error,omitempty"`
	Down  bool   `json:"down,omitempty"`

	Begun    time.Time `json:"begun"`
	Leveled  time.Time `json:"leveled,omitzero"`
	Switched time.Time `json:"switched,omitzero"` // when readers last began to see it, or to see another one
	DropAt   time.Time `json:"dropAt,omitzero"`   // when it is to be dropped

	Lanes []LaneStatus `json:"lanes"` // by number
}

// Behind is how long the oldest event that the build has yet to pass has been
// waiting; 0 if there is none, or if the clock of the store is ahead. Runners do
// not report again before something moves, so of a report it grows until then.
func (b *BuildStatus) Behind(now time.Time) time.Duration {
	if b.Oldest.IsZero() {
		return 0
	}
	return max(now.Sub(b.Oldest), 0)
}

// A LaneStatus describes a lane of a build. A lane in which nothing happens may
// stand far behind the others, and is level all the same.
type LaneStatus struct {
	Position cairn.Position `json:"position"`
	Applied  uint64         `json:"applied"`
	Parked   int64          `json:"parked,omitempty"`
	Skipped  int64          `json:"skipped,omitempty"`
	Epoch    uint64         `json:"epoch"`           // how often it was taken
	Owner    string         `json:"owner,omitempty"` // empty if nobody runs it
	Updated  time.Time      `json:"updated"`         // when it last moved
}

// Build is the status of a build, if it is there.
func (s *Status) Build(n int) (BuildStatus, bool) {
	for _, b := range s.Builds {
		if b.Build == n {
			return b, true
		}
	}
	return BuildStatus{}, false
}

// StatusOf describes a projection as its ledger and the log show it now. A
// projection that nobody has begun is an [ErrUnknown].
func StatusOf(ctx context.Context, log Log, ledger Ledger, name string) (Status, error) {
	if err := checkName("name", name); err != nil {
		return Status{}, err
	}
	return newSurveyor(log, ledger, name, nil).survey(ctx)
}
