package disk_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/cairndb/cairn"
)

// An outcome is what is known of a batch.
type outcome uint8

const (
	pending outcome = iota // not answered, or not to be known: whole or absent
	stored
	refused
)

// An attempt is a batch that was given to a store, and how that ended.
type attempt struct {
	batch   cairn.Batch
	outcome outcome
	receipt cairn.BatchReceipt
}

// A history is all that was attempted on a store.
type history struct {
	mu       sync.Mutex
	attempts []*attempt
}

// commit attempts a batch and notes what comes of it.
func (h *history) commit(ctx context.Context, s cairn.Store, b cairn.Batch) error {
	a := &attempt{batch: b}
	h.mu.Lock()
	h.attempts = append(h.attempts, a)
	h.mu.Unlock()
	r, err := s.Commit(ctx, b)
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case err == nil:
		a.outcome, a.receipt = stored, r
	case !errors.Is(err, cairn.ErrUnknownOutcome):
		a.outcome = refused
	}
	return err
}

// acknowledged says of each attempt so far whether it was.
func (h *history) acknowledged() []bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	acked := make([]bool, len(h.attempts))
	for i, a := range h.attempts {
		acked[i] = a.outcome == stored
	}
	return acked
}

// asOf is the history as somebody knows it who has seen only those stored.
func (h *history) asOf(acked []bool) []attempt {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]attempt, len(h.attempts))
	for i, a := range h.attempts {
		all[i] = *a
		if a.outcome == stored && (i >= len(acked) || !acked[i]) {
			all[i].outcome = pending
		}
	}
	return all
}

// now is the history as it is.
func (h *history) now() []attempt { return h.asOf(h.acknowledged()) }

// A generator makes random batches, no event of which was ever made before.
type generator struct {
	rng  *rand.Rand
	made *uint64 // counts events
	last map[string]cairn.Revision
}

func newGenerator(seed uint64, made *uint64) *generator {
	return &generator{rand.New(rand.NewPCG(seed, 1)), made, map[string]cairn.Revision{}}
}

// seed is that of a test, from CAIRN_SEED if that is set. It is logged.
func seed(t testing.TB) uint64 {
	n := rand.Uint64()
	if s := os.Getenv("CAIRN_SEED"); s != "" {
		var err error
		if n, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("to play this again: CAIRN_SEED=%d", n)
	return n
}

func (g *generator) stream() string {
	return fmt.Sprintf("%c-%d", 'a'+g.rng.IntN(3), g.rng.IntN(5))
}

func (g *generator) event(size int) cairn.Event {
	*g.made++
	e := cairn.Event{Type: fmt.Sprint("t", g.rng.IntN(4)), Data: make([]byte, size), Format: cairn.Format(g.rng.IntN(4))}
	binary.BigEndian.PutUint64(e.ID[:], *g.made)
	e.ID[15] = 0xc4
	for i := range e.Data {
		e.Data[i] = byte(g.rng.Uint32())
	}
	if g.rng.IntN(3) == 0 {
		e.Metadata = []byte(`{"by":"somebody"}`)
	}
	for _, tag := range []string{"k0", "k1", "k2"} {
		if g.rng.IntN(3) == 0 {
			e.Tags = append(e.Tags, tag)
		}
	}
	return e
}

func (g *generator) write(stream string, events, size int) cairn.Write {
	w := cairn.Write{Stream: stream, Expected: cairn.Any}
	if at, ok := g.last[stream]; ok && g.rng.IntN(2) == 0 {
		w.Expected = at
	}
	for range events {
		w.Events = append(w.Events, g.event(size))
	}
	return w
}

// batch makes a batch. Not all of them can be stored.
func (g *generator) batch() (b cairn.Batch) {
	one := func() cairn.Write { return g.write(g.stream(), 1+g.rng.IntN(4), g.rng.IntN(200)) }
	switch p := g.rng.IntN(100); {
	case p < 45:
		b.Writes = []cairn.Write{one()}
	case p < 60:
		for _, category := range []string{"a", "b", "c"} {
			b.Writes = append(b.Writes, g.write(fmt.Sprintf("%s-%d", category, g.rng.IntN(5)), g.rng.IntN(3), 20))
		}
	case p < 70:
		b.Writes, b.Key = []cairn.Write{one()}, fmt.Sprint("key-", *g.made)
	case p < 75:
		b.Writes = []cairn.Write{g.write(g.stream(), 1, 3000+g.rng.IntN(15000))}
	case p < 82:
		w := g.write(cairn.MetadataStream(g.stream()), 1, 0)
		w.Events[0].Type, w.Expected = cairn.TypeMetadata, cairn.Any
		w.Events[0].Data = fmt.Appendf(nil, `{"$maxCount":%d,"$tb":%d,"x":1}`, g.rng.IntN(20), g.rng.IntN(4))
		b.Writes = []cairn.Write{w}
	case p < 85:
		b.Writes = []cairn.Write{{Stream: g.stream(), Expected: cairn.Any, Delete: cairn.SoftDelete}}
	case p < 87:
		*g.made++
		b.Writes = []cairn.Write{{Stream: fmt.Sprint("closed-", *g.made), Expected: cairn.Any, Delete: cairn.Tombstone}}
	case p < 92:
		*g.made++
		b.Key = fmt.Sprint("bare-", *g.made, strings.Repeat(".", g.rng.IntN(400)))
	default:
		b.Writes = []cairn.Write{one()}
		b.Conditions = []cairn.Condition{cairn.NoneAfter(0, cairn.ByTag("k9")), cairn.StreamAt("nothing", cairn.NoStream)}
	}
	return b
}

// learn remembers where the batch left its streams.
func (g *generator) learn(b cairn.Batch, r cairn.BatchReceipt) {
	for i, w := range b.Writes {
		g.last[w.Stream] = r.Revisions[i]
	}
}

// write gives a store so many batches.
func (h *history) write(ctx context.Context, s cairn.Store, g *generator, batches int) {
	for range batches {
		b := g.batch()
		if h.commit(ctx, s, b) != nil {
			continue
		}
		h.mu.Lock()
		last := h.attempts[len(h.attempts)-1].receipt // right if nobody else writes; a wrong guess is a conflict
		h.mu.Unlock()
		if len(last.Revisions) == len(b.Writes) {
			g.learn(b, last)
		}
	}
}
