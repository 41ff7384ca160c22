package group

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/cairndb/cairn"
)

// An Observer describes one group again and again: what it has read before and
// has not changed it does not read again. It keeps what is parked in memory,
// eight bytes for each event. It may be used concurrently.
type Observer struct {
	store Store
	name  names

	mu         sync.Mutex
	definition definition
	at         cairn.ID // of the definition's event
	partitions []view
}

// A view is what an observer knows of a partition.
type view struct {
	known  bool
	at     standing
	ledger *ledger
}

// Observe makes an observer of a group, which need not be there.
func Observe(store Store, name string) *Observer {
	return &Observer{store: store, name: names(name)}
}

// Status describes the group as it is now, like the function of this name.
func (o *Observer) Status(ctx context.Context) (s GroupStatus, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.define(ctx); err != nil {
		return s, err
	}
	beats, err := beats(ctx, o.store, o.name)
	if err != nil {
		return s, err
	}
	s.Query = o.definition.Query
	read := cairn.Position(0)
	for n := range o.partitions {
		v := &o.partitions[n]
		if err := o.look(ctx, n, v); err != nil {
			return s, err
		}
		s.add(n, v)
		p := v.at.Position
		if b, ok := beats[v.at.Owner]; ok {
			b.owned++
			p = max(p, b.Offered)
		}
		if n == 0 || p < read {
			read = p
		}
	}
	s.members(beats)
	behind, err := behind(ctx, o.store, s.Query, read)
	s.Lag += behind
	return s, err
}

// define reads the definition. If there is another one, nothing known is worth
// anything.
func (o *Observer) define(ctx context.Context) error {
	d, at, err := currentDefinition(ctx, o.store, o.name)
	if err != nil || at == o.at {
		return err
	}
	o.definition, o.at, o.partitions = d, at, make([]view, d.Partitions)
	return nil
}

// look brings a view up to date.
func (o *Observer) look(ctx context.Context, n int, v *view) error {
	if v.known {
		info, err := o.store.StreamInfo(ctx, o.name.progress(n))
		if err != nil {
			return err
		}
		v.known = info.Last == v.at.revision && info.State != cairn.StreamSoftDeleted
	}
	if !v.known {
		at, err := stand(ctx, o.store, o.name, n, &o.definition)
		if err != nil {
			return err
		}
		v.at, v.known = at, true
	}
	return o.leaf(ctx, o.name.parked(n), v)
}

// leaf reads what was noted since the ledger was read.
func (o *Observer) leaf(ctx context.Context, stream string, v *view) (err error) {
	if v.ledger == nil {
		v.ledger, err = load(ctx, o.store, stream)
		return err
	}
	info, err := o.store.StreamInfo(ctx, stream)
	if err != nil || info.Last == v.ledger.revision {
		return err
	}
	l := v.ledger
	v.ledger = nil // half read it is worth nothing
	if info.First > l.revision+1 {
		return o.leaf(ctx, stream, v)
	}
	notes, err := cairn.Collect(o.store.ReadStream(ctx, stream, cairn.ReadOptions{From: l.revision + 1}))
	if err == nil {
		err = l.read(notes)
	}
	if err == nil {
		v.ledger = l
	}
	return err
}

// add adds a partition.
func (s *GroupStatus) add(n int, v *view) {
	p := PartitionStatus{Owner: v.at.Owner, Epoch: v.at.Epoch, Position: v.at.Position, Unsettled: len(v.at.Unsettled)}
	for _, shelf := range v.ledger.shelves {
		p.Parked += len(shelf.entries)
	}
	s.ParkedKeys += len(v.ledger.shelves)
	s.ParkedEvents += p.Parked
	if low := v.at.lowest(); n == 0 || low < s.Position {
		s.Position = low
	}
	s.Partitions = append(s.Partitions, p)
}

func (s *GroupStatus) members(beats map[string]*sight) {
	for id, b := range beats {
		s.Members = append(s.Members, MemberStatus{Member: id, Seen: b.seen, Partitions: b.owned, Held: b.Held, Full: b.Full})
		s.Lag += int64(b.Held)
	}
	slices.SortFunc(s.Members, func(a, b MemberStatus) int { return cmp.Compare(a.Member, b.Member) })
}
