package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/cmd/cairn/internal/readmodel"
	"github.com/cairndb/cairn/projection"
)

// A watch looks at a projection while it runs, and says what has become of it.
type watch struct {
	c       *console
	g       *globals
	name    string
	version int
	once    bool // end when it is level
	manual  bool

	bar   *meter
	phase projection.Phase // what was last said
}

// watchEvery is how often it looks.
const watchEvery = 200 * time.Millisecond

// follow looks until the projection has failed, whose error it returns, or until
// it is level and nobody wants more.
func (w *watch) follow(ctx context.Context, s cairn.Store, db *readmodel.Database, failed <-chan error) error {
	defer w.clear()
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case err := <-failed:
			return err
		case <-tick.C:
		}
		status, err := projection.StatusOf(ctx, s, db, w.name)
		if err != nil {
			continue // it has not begun, or the projection itself fails and says why
		}
		if err := w.look(&status); err != nil {
			return err
		}
	}
}

// look shows the newest build of the version.
func (w *watch) look(s *projection.Status) error {
	for i := len(s.Builds) - 1; i >= 0; i-- {
		if b := &s.Builds[i]; b.Version == w.version {
			w.show(s, b)
			if err := w.say(b); err != nil {
				return err
			}
			return w.enough(b)
		}
	}
	return nil
}

// show moves the meter while there is much to do.
func (w *watch) show(s *projection.Status, b *projection.BuildStatus) {
	if b.Lag < 1000 {
		w.clear()
		return
	}
	if w.bar == nil {
		w.bar = w.c.newMeter(fmt.Sprintf("build %d of %s", b.Build, w.name), int64(s.Head), false)
	}
	w.bar.reach(int64(b.Position))
}

func (w *watch) clear() {
	if w.bar != nil {
		w.bar.done()
		w.bar = nil
	}
}

// built is what became of a build, as JSON.
type built struct {
	Projection string           `json:"projection"`
	Build      int              `json:"build"`
	Version    int              `json:"version"`
	Phase      projection.Phase `json:"phase"`
	Position   cairn.Position   `json:"position"`
	Applied    uint64           `json:"applied"`
}

// say prints that a build has come to another phase.
func (w *watch) say(b *projection.BuildStatus) error {
	if b.Phase == w.phase || b.Phase == projection.Building || b.Lag > 0 && w.phase == "" {
		return nil
	}
	w.phase = b.Phase
	w.clear()
	what := "build %d (version %d) of %s is " + string(b.Phase)
	if b.Phase == projection.Active {
		what = "readers see build %d (version %d) of %s"
	}
	return w.c.say(w.g, built{w.name, b.Build, b.Version, b.Phase, b.Position, b.Applied}, what+": %s applied",
		b.Build, b.Version, printable(w.name), counted(int(b.Applied), "event", "events"))
}

// enough ends the watch of who wants no more.
func (w *watch) enough(b *projection.BuildStatus) error {
	done := b.Phase == projection.Active || w.manual && b.Phase == projection.Level
	if w.once && done && b.Lag == 0 {
		return errLevel
	}
	return nil
}
