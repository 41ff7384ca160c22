package disk

import (
	"cmp"
	"sync"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/index"
)

// An indexer feeds the index from the log. It enters each part in memory while
// the part is being written to disk, and in thousands at a time into the index,
// which is made durable now and then: recovery reads the log from there.
type indexer struct {
	index  *index.Index
	recent *recent
	replay func(c index.Checkpoint, end address, fn func(*part)) error // reads the log again

	// processed is how far recent has come. It may be ahead of what is durable.
	processed *gate

	in     chan work
	owned  sync.WaitGroup
	mark   index.Place // the last one noted
	flush  chan error  // the answer of the flush under way; nil if there is none
	unsafe int         // events in the index that a crash would take out of it
	halted bool        // what is active is not what is in the log

	full, durable int // generationEvents and durableEvents, but for tests

	mu  sync.Mutex
	err error // why the index takes in nothing more
}

// work is for the indexer's goroutine: a part, or something to do between parts.
type work struct {
	part *part
	do   func()
}

const (
	generationEvents = 1 << 15 // from how many events on a generation is flushed
	generationsLimit = 8       // times that many, and the sequencer has to wait
	durableEvents    = 1 << 18 // from how many events on the index is made durable
)

func newIndexer(x *index.Index, o *Options) *indexer {
	c := x.Checkpoint()
	g := newGeneration(c.Position, c.Address)
	return &indexer{
		index:     x,
		full:      cmp.Or(o.generationEvents, generationEvents),
		durable:   cmp.Or(o.durableEvents, durableEvents),
		recent:    &recent{active: g},
		processed: newGate(c.Position),
		in:        make(chan work, 4),
	}
}

// run enters parts until in is closed. It is the indexer's goroutine.
//
// When a part comes, all those before it are durable or were taken back, but
// this one may not be: only what was there before may go into the index.
func (x *indexer) run() {
	for w := range x.in {
		if w.do != nil {
			w.do()
			continue
		}
		x.turn(false)
		x.enter(w.part)
	}
	x.finishFlush(true)
}

// enter adds a part to the active generation.
func (x *indexer) enter(p *part) {
	x.recent.mu.Lock()
	x.fill(x.recent.active, p)
	x.recent.mu.Unlock()
	x.processed.set(p.last)
}

func (x *indexer) fill(g *generation, p *part) {
	for _, f := range p.frames {
		x.mark = g.mark(f, x.mark)
	}
	for i := range p.items {
		g.add(&p.items[i])
	}
	g.last, g.end = p.last, p.end
}

// turn freezes the active generation when it is full, or now, and has it
// flushed. It waits for the flush before when there is too much in memory.
func (x *indexer) turn(now bool) {
	active := x.recent.active
	x.finishFlush(now || active.events >= generationsLimit*x.full)
	if x.flush != nil || x.halted {
		return
	}
	if x.recent.frozen == nil && (now && active.end != active.start || active.events >= x.full) {
		x.recent.mu.Lock()
		x.recent.frozen, x.recent.active = active, newGeneration(active.last, active.end)
		x.recent.mu.Unlock()
	}
	if x.recent.frozen != nil {
		x.startFlush(x.recent.frozen)
	}
}

func (x *indexer) startFlush(g *generation) {
	x.unsafe += g.events
	durable := x.unsafe >= x.durable
	if durable {
		x.unsafe = 0
	}
	done := make(chan error, 1)
	x.flush = done
	x.owned.Go(func() { done <- x.apply(g, durable) })
}

// finishFlush takes the result of the flush under way, if it is there or if
// told to wait for it. After an error the generation stays frozen, and the next
// turn tries again.
func (x *indexer) finishFlush(wait bool) {
	if x.flush == nil {
		return
	}
	var err error
	if wait {
		err = <-x.flush
	} else {
		select {
		case err = <-x.flush:
		default:
			return
		}
	}
	x.flush = nil
	x.setError(err)
	if err == nil {
		x.recent.mu.Lock()
		x.recent.frozen = nil
		x.recent.mu.Unlock()
	}
}

func (x *indexer) setError(err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.err = err
}

// failed is why the last flush failed, if it did.
func (x *indexer) failed() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.err
}

// ready reports whether the index takes in what is written. If it did not, it
// is tried again: what it refused stays in memory, of which there is only so
// much.
func (x *indexer) ready() error {
	if x.failed() == nil {
		return nil
	}
	x.do(func() {
		x.turn(false)
		x.finishFlush(true)
	})
	return x.failed()
}

// apply writes a generation to the index.
func (x *indexer) apply(g *generation, durable bool) error {
	b := x.index.NewBatch()
	for name, s := range g.streams {
		b.Revisions(name, s.first, s.places)
	}
	for _, kind := range []index.Kind{index.Category, index.Type, index.Tag, index.First} {
		for name, p := range g.terms(kind) {
			t := index.Term{Kind: kind, Name: name}
			b.Places(t, p.places)
			if kind == index.Category || kind == index.Type {
				b.Count(t, uint64(len(p.places)), g.begunIn(t))
			}
		}
	}
	for stream, versions := range g.records {
		b.Record(stream, versions[len(versions)-1].record.encode())
	}
	for key, place := range g.keys {
		b.Key(key, place)
	}
	for _, m := range g.marks {
		b.Mark(m)
	}
	c := index.Checkpoint{Position: g.last, Address: g.end, Streams: x.index.Checkpoint().Streams + g.newStreams}
	if err := x.index.Apply(b, c); err != nil || !durable {
		return err
	}
	return x.index.Flush()
}

func (g *generation) begunIn(t index.Term) uint64 {
	if t.Kind == index.Category {
		return g.begun[t.Name]
	}
	return 0
}

// do runs fn in the indexer's goroutine, between parts, and waits for it.
func (x *indexer) do(fn func()) {
	done := make(chan struct{})
	x.in <- work{do: func() { defer close(done); fn() }}
	<-done
}

// retreat takes back what was entered behind position p and address end because
// the disk refused it: the active generation is built again from the log. If
// that fails nothing more goes into the index.
func (x *indexer) retreat(p cairn.Position, end address) (err error) {
	x.do(func() {
		old := x.recent.active
		g := newGeneration(old.base, old.start)
		x.mark = index.Place{}
		c := index.Checkpoint{Position: old.base, Address: old.start}
		if err = x.replay(c, end, func(p *part) { x.fill(g, p) }); err != nil {
			x.halted = true
			return
		}
		x.recent.mu.Lock()
		x.recent.active = g
		x.recent.mu.Unlock()
		x.processed.set(p)
	})
	return err
}

// close flushes what is in memory and ends the goroutine.
func (x *indexer) close() error {
	x.do(func() {
		x.turn(true)
		x.finishFlush(true)
		x.turn(true) // what was active while another was being flushed
	})
	close(x.in)
	x.owned.Wait()
	return x.failed()
}
