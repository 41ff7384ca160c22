package group

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/cairndb/cairn"
)

// A progress is the state of a partition, as each event of its stream holds it.
type progress struct {
	Epoch    uint64         `json:"epoch"`           // how often it was claimed
	Owner    string         `json:"owner,omitempty"` // nobody's if empty
	Position cairn.Position `json:"position"`        // every event up to here was looked at
	// Unsettled are the positions up to there that are not settled, rising.
	Unsettled []cairn.Position `json:"unsettled,omitempty"`
}

// lowest is the position up to which everything is settled.
func (p *progress) lowest() cairn.Position {
	if len(p.Unsettled) > 0 {
		return p.Unsettled[0] - 1
	}
	return p.Position
}

func (p *progress) check() error {
	for i, u := range p.Unsettled {
		if u == 0 || u > p.Position || i > 0 && u <= p.Unsettled[i-1] {
			return fmt.Errorf("group: unsettled positions must rise up to %d, and %d does not", p.Position, u)
		}
	}
	return nil
}

func (p *progress) event(kind string, tags ...string) (cairn.Event, error) {
	data, err := json.Marshal(p)
	return system(kind, data, tags...), err
}

// parseProgress reads an event of a progress stream.
func parseProgress(e *cairn.Recorded) (p progress, err error) {
	if err := decode(e, &p); err != nil {
		return p, err
	}
	return p, p.check()
}

// A standing is where a partition stands in the store.
type standing struct {
	progress
	revision cairn.Revision
	id       cairn.ID // of the event that says so
}

// stand reads where a partition stands.
func stand(ctx context.Context, store Store, g names, n int, d *definition) (s standing, err error) {
	e, ok, err := last(ctx, store, g.progress(n))
	if err != nil {
		return s, err
	}
	if !ok { // nobody's yet, but there may have been one of this name before
		info, err := store.StreamInfo(ctx, g.progress(n))
		if err == nil && info.First <= info.Last { // somebody's meanwhile
			return stand(ctx, store, g, n, d)
		}
		return standing{progress: progress{Position: d.Start}, revision: info.Last}, err
	}
	s.revision, s.id = e.Revision, e.ID
	s.progress, err = parseProgress(&e)
	return s, err
}
