package group

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

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
	seen       cairn.Position // the head when they were looked at; 0 if they were not
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
	s.Query, s.About = o.definition.Query, o.definition.About
	touched, head, err := o.touched(ctx)
	if err != nil {
		return s, err
	}
	read := cairn.Position(0)
	for n := range o.partitions {
		v := &o.partitions[n]
		if !v.known || touched.any(o.name.progress(n), o.name.parked(n)) {
			if err := o.look(ctx, n, v); err != nil {
				o.seen = 0
				return s, err
			}
		}
		s.add(n, v)
		p := v.at.Position
		if b, ok := beats[v.at.Owner]; ok {
			b.owned++
			p = max(p, b.Offered)
		} else {
			s.Lag += int64(len(v.at.Unsettled)) // nobody holds them
		}
		if n == 0 || p < read {
			read = p
		}
	}
	o.seen = head
	s.members(beats)
	behind, err := behind(ctx, o.store, s.Query, read)
	if s.Lag += behind; err == nil && s.Lag > 0 {
		s.Oldest, err = o.oldest(ctx, &s, read, behind)
	}
	return s, err
}

// oldest is when the first event was appended that is still to be settled: one that
// a partition lists, or the first that no member has read yet, after a position. What
// members hold and have not written down is after the position of the whole.
func (o *Observer) oldest(ctx context.Context, s *GroupStatus, read cairn.Position, behind int64) (at time.Time, err error) {
	if listed := o.unsettled(); behind < s.Lag && listed > 0 {
		at, err = firstTime(ctx, o.store, cairn.AllOptions{After: listed - 1})
	} else if behind < s.Lag {
		read, behind = s.Position, s.Lag
	}
	if err != nil || behind == 0 {
		return at, err
	}
	next, err := firstTime(ctx, o.store, cairn.AllOptions{After: read, Query: s.Query, NoSystem: true})
	if at.IsZero() || !next.IsZero() && next.Before(at) {
		at = next
	}
	return at, err
}

// unsettled is the first position that a partition lists as unsettled, or 0.
func (o *Observer) unsettled() (first cairn.Position) {
	for i := range o.partitions {
		if all := o.partitions[i].at.Unsettled; len(all) > 0 && (first == 0 || all[0] < first) {
			first = all[0]
		}
	}
	return first
}

// firstTime is when the first event of a read was appended; zero if there is none.
func firstTime(ctx context.Context, store cairn.LogReader, of cairn.AllOptions) (time.Time, error) {
	of.Limit = 1
	for e, err := range store.ReadAll(ctx, of) {
		return e.Time, err
	}
	return time.Time{}, nil
}

// define reads the definition. If there is another one, nothing known is worth
// anything.
func (o *Observer) define(ctx context.Context) error {
	d, at, err := currentDefinition(ctx, o.store, o.name)
	if err != nil || at == o.at {
		return err
	}
	o.definition, o.at, o.partitions, o.seen = d, at, make([]view, d.Partitions), 0
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
