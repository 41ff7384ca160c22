package timer

import (
	"context"
	"slices"
	"time"

	"github.com/cairndb/cairn"
)

// ahead is how many minutes are looked at to find what is due next.
const ahead = 7 * 24 * 60

// An outlook looks ahead, minute by minute, for what is due next: only as far as
// somebody wants to see.
type outlook struct {
	source
	keep  func(entry) bool
	found []entry // by when they are due; of those due before until there are no others
	until int64

	head              cairn.Position
	first, next, last int64 // minutes: where it began, and from which to which there is more to look at
	counted           int64 // timers in the minutes before next
	crowded           bool
}

// lookOut begins to look for what is due after a mark and before a time. It knows all
// if few timers were ever set; else those that were set last, because the runners may
// have passed the minutes in which they are due.
func (s source) lookOut(ctx context.Context, after mark, end int64) (*outlook, error) {
	p, err := s.resume(ctx)
	if err != nil {
		return nil, err
	}
	o := &outlook{source: s, until: never}
	o.keep = func(e entry) bool {
		return e.due < end && after.before(e.mark()) && (e.position > p.Position || e.due >= p.due())
	}
	soonest, looked := int64(never), 0
	keep := func(e entry) bool {
		if looked++; e.due != unreadable {
			soonest = min(soonest, e.due)
		}
		return o.keep(e)
	}
	o.found, err = gather(nil, s.entries(ctx, cairn.AllOptions{Query: s.set(), Backward: true, Limit: surveyed}), keep)
	if err != nil {
		return nil, err
	}
	if looked == surveyed {
		from := p.due()
		if p.Position == 0 { // nobody has ever run: then from the earliest that is known
			if o.found, err = gather(o.found, s.entries(ctx, cairn.AllOptions{Query: s.set(), Limit: surveyed}), keep); err != nil {
				return nil, err
			}
			from = soonest
		}
		if err = o.begin(ctx, max(from, after.due, earliest.UnixNano()), end); err != nil {
			return nil, err
		}
	}
	o.sort()
	return o, nil
}

// begin begins at a time. All that is due before and will ever be found is known.
func (o *outlook) begin(ctx context.Context, from, end int64) error {
	info, err := o.store.Info(ctx)
	o.head, o.first = info.Head, floor(min(from, latest.UnixNano()), int64(time.Minute))
	o.next, o.last = o.first, max(o.first, min(o.first+ahead, floor(end, int64(time.Minute))+1))
	o.until = o.first * int64(time.Minute)
	return err
}

func (o *outlook) sort() {
	slices.SortFunc(o.found, compare)
	o.found = slices.CompactFunc(o.found, func(a, b entry) bool { return a.position == b.position })
}

// fill moves what is found to an agenda, and reports whether there is more than the
// limit.
func (o *outlook) fill(ctx context.Context, a *Agenda, limit int) (full bool, err error) {
	for len(o.found) > 0 && o.found[0].due < o.until {
		t, ok, err := o.timer(ctx, o.found[0])
		if err != nil || ok && len(a.Timers) >= limit {
			return err == nil, err
		}
		if ok {
			a.Timers, a.Next = append(a.Timers, t), markOf(&o.found[0])
		}
		o.found = o.found[1:]
	}
	return false, nil
}

// extend looks on until there are so many timers, done ones included, or there is no
// more to look at. It counts what is due in each minute and then reads the minutes
// that have something, because to ask for all of them at once costs more.
func (o *outlook) extend(ctx context.Context, wanted int64) error {
	var minutes []int64
	for enough := o.counted + wanted; o.next < o.last && o.counted < enough; o.next++ {
		n, err := cairn.Count(ctx, o.store, cairn.ByTag(o.category.tag(o.next)), o.head)
		if err != nil {
			return err
		}
		if o.counted+n > surveyed && o.next > o.first {
			o.last = o.next
			break
		}
		if o.counted += n; n > 0 {
			minutes = append(minutes, o.next)
		}
	}
	from := o.until
	o.until = o.next * int64(time.Minute)
	return o.read(ctx, minutes, from)
}

// read adds what is due within some minutes. What claims to be and is not would come
// out of its order, and the runners do not find it there either.
func (o *outlook) read(ctx context.Context, minutes []int64, from int64) (err error) {
	for some := range slices.Chunk(minutes, maxMinutes) {
		var q cairn.Query
		for _, m := range some {
			q = append(q, cairn.Filter{Tags: []string{o.category.tag(m)}})
		}
		looked := 0
		o.found, err = gather(o.found, o.entries(ctx, cairn.AllOptions{Query: q, Limit: 2 * surveyed}), func(e entry) bool {
			looked++
			return e.due >= from && e.due < o.until && o.keep(e)
		})
		if o.crowded = o.crowded || looked == 2*surveyed; err != nil {
			return err
		}
	}
	o.sort()
	return nil
}
