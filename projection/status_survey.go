package projection

import (
	"context"
	"time"

	"github.com/cairndb/cairn"
)

// A surveyor looks at a projection again and again. What it has found out about the
// log it does not ask again.
type surveyor struct {
	log    Log
	ledger Ledger
	name   string
	place  place
	key    func(*cairn.Recorded) string
	fronts map[int]*front
}

func newSurveyor(log Log, ledger Ledger, name string, key func(*cairn.Recorded) string) *surveyor {
	return &surveyor{log, ledger, name, placeOf(name), key, map[int]*front{}}
}

// glance is how many events a survey reads at most to find out how far a build is
// behind lanes in which nothing happens.
const glance = 10_000

func (s *surveyor) survey(ctx context.Context) (Status, error) {
	d, raw, err := loadDeployment(ctx, s.ledger, s.place)
	switch {
	case err != nil:
		return Status{}, err
	case raw == "":
		return Status{}, nothing(s.name, "it is not in this database")
	}
	info, err := s.log.Info(ctx)
	switch {
	case err != nil:
		return Status{}, err
	case info.ID != d.Store:
		return Status{}, &StoreError{Projection: s.name, Built: d.Store, Here: info.ID}
	}
	all := Status{Projection: s.name, Active: d.Active, Previous: d.Previous, Head: info.Head, At: time.Now().UTC(), Target: databaseOf(s.ledger)}
	for i := range d.Builds {
		b, err := s.build(ctx, &d.Builds[i], info.Head)
		if err != nil {
			return Status{}, err
		}
		all.Builds = append(all.Builds, b)
	}
	return all, nil
}

// databaseOf is the kind of database that a ledger is in, if it says so.
func databaseOf(ledger Ledger) string {
	if l, ok := ledger.(interface{ Kind() string }); ok {
		return l.Kind()
	}
	return ""
}

// build looks at one build.
func (s *surveyor) build(ctx context.Context, d *Definition, head cairn.Position) (BuildStatus, error) {
	b := BuildStatus{
		Build: d.Build, Version: d.Version, Phase: d.Phase, Query: d.Query,
		Begun: d.Begun, Leveled: d.Leveled, Switched: d.Switched, DropAt: d.DropAt,
	}
	for _, table := range d.Tables {
		b.Tables = append(b.Tables, d.names().Name(table))
	}
	lanes, err := loadCheckpoints(ctx, s.ledger, s.place, d.Build)
	if err != nil {
		return b, err
	}
	b.add(lanes)
	if b.Parked > 0 {
		keys, err := s.ledger.Entries(ctx, s.place.keys(d.Build))
		if err != nil {
			return b, err
		}
		b.ParkedKeys = len(keys)
	}
	f := s.front(d)
	if err := f.advance(ctx, s.log, positions(lanes), head, glance); err != nil {
		return b, err
	}
	b.Position = f.at
	b.Lag, b.Oldest, err = lag(ctx, s.log, f.selected, f.at, head)
	return b, err
}

func (b *BuildStatus) add(lanes []laneEntry) {
	for i := range lanes {
		c := &lanes[i].Checkpoint
		b.Applied += c.Count
		b.Parked += c.Parked
		b.Skipped += c.Skipped
		b.Lanes = append(b.Lanes, LaneStatus{c.Position, c.Count, c.Parked, c.Skipped, c.Epoch, c.Owner, c.Updated})
	}
}

func (s *surveyor) front(d *Definition) *front {
	if s.fronts[d.Build] == nil {
		s.fronts[d.Build] = newFront(d, s.key)
	}
	return s.fronts[d.Build]
}
