package persistent_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/server/kurrent/persistent"
)

// A world is a server's subscriptions over a store in memory, in a bubble with a
// clock of its own.
type world struct {
	*testing.T
	store cairn.Store
	gate  *gate
	subs  *persistent.Subscriptions
	read  atomic.Int64 // entries that sources gave
	fails atomic.Bool  // sources fail
	most  int
}

// inWorld runs a test in a world.
func inWorld(t *testing.T, test func(*world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		store, err := disk.OpenMemory(nil)
		if err != nil {
			t.Fatal(err)
		}
		w := &world{T: t, store: store}
		w.start()
		defer func() {
			w.subs.Close(errors.New("over"))
			store.Close()
		}()
		test(w)
	})
}

// start starts a server over what is stored.
func (w *world) start() {
	w.gate = &gate{Store: w.store}
	w.subs = persistent.New(w.gate, func(c persistent.Config) (persistent.Source, error) {
		return &source{w, c.Stream}, nil
	}, persistent.Options{HeldBytes: w.most})
}

// crash ends the server so that it can write nothing any more, and starts another.
func (w *world) crash() {
	w.gate.shut.Store(true)
	w.subs.Close(errors.New("crashed"))
	w.start()
}

// restart ends the server in good order and starts another.
func (w *world) restart() {
	w.subs.Close(errors.New("stopped"))
	w.start()
}

// A gate is a store that can be shut, and then stores nothing.
type gate struct {
	cairn.Store
	shut atomic.Bool
}

var errShut = errors.New("the gate is shut")

func (g *gate) Append(ctx context.Context, stream string, r cairn.Revision, e ...cairn.Event) (cairn.Receipt, error) {
	if g.shut.Load() {
		return cairn.Receipt{}, errShut
	}
	return g.Store.Append(ctx, stream, r, e...)
}

func (g *gate) Commit(ctx context.Context, b cairn.Batch) (cairn.BatchReceipt, error) {
	if g.shut.Load() {
		return cairn.BatchReceipt{}, errShut
	}
	return g.Store.Commit(ctx, b)
}

// A source is a stream.
type source struct {
	w      *world
	stream string
}

func (s *source) Follow(ctx context.Context, behind persistent.Place, passed func(persistent.Place), live func()) iter.Seq2[persistent.Entry, error] {
	o := cairn.ReadOptions{From: cairn.Revision(behind + 1), Follow: true, CaughtUp: func(r cairn.Revision) {
		passed(persistent.Place(r))
		live()
	}}
	return func(yield func(persistent.Entry, error) bool) {
		for e, err := range s.w.store.ReadStream(ctx, s.stream, o) {
			if s.w.fails.Load() {
				err = errShut
			}
			s.w.read.Add(1)
			if !yield(persistent.Entry{Recorded: e, Place: persistent.Place(e.Revision)}, err) || err != nil {
				return
			}
		}
	}
}

func (s *source) At(ctx context.Context, p persistent.Place) (persistent.Entry, bool, error) {
	for e, err := range s.w.store.ReadStream(ctx, s.stream, cairn.ReadOptions{From: cairn.Revision(p), Before: cairn.Revision(p + 1)}) {
		return persistent.Entry{Recorded: e, Place: p}, err == nil, err
	}
	return persistent.Entry{}, false, nil
}

func (s *source) Resolve(ctx context.Context, link cairn.Recorded) (persistent.Entry, error) {
	e := persistent.Entry{Recorded: link, Link: true}
	var n cairn.Revision
	var stream string
	if _, err := fmt.Sscanf(string(link.Data), "%d@%s", &n, &stream); err != nil {
		return e, err
	}
	for t, err := range s.w.store.ReadStream(ctx, stream, cairn.ReadOptions{From: n, Before: n + 1}) {
		if err != nil {
			return e, err
		}
		e.Target = &t
	}
	return e, nil
}

func (s *source) Last(ctx context.Context) (persistent.Place, error) {
	if s.stream == persistent.All {
		info, err := s.w.store.Info(ctx)
		return persistent.Place(info.Head), err
	}
	info, err := s.w.store.StreamInfo(ctx, s.stream)
	return persistent.Place(info.Last), err
}

// key is the subscription that tests are about.
var key = persistent.Key{Stream: "s", Group: "g"}

// settings are what clients ask for if nobody says otherwise, from the start.
func settings(changes ...func(*persistent.Settings)) persistent.Settings {
	s := persistent.Settings{
		MessageTimeout: 30 * time.Second, MaxRetryCount: 10,
		CheckpointAfter: 2 * time.Second, MinCheckpointCount: 10, MaxCheckpointCount: 1000,
		LiveBufferSize: 500, ReadBatchSize: 20, HistoryBufferSize: 500, Strategy: persistent.RoundRobin,
	}
	for _, change := range changes {
		change(&s)
	}
	return s
}

// create makes the subscription.
func (w *world) create(changes ...func(*persistent.Settings)) *persistent.Subscription {
	w.Helper()
	if err := w.subs.Create(w.Context(), key, settings(changes...), "me"); err != nil {
		w.Fatal(err)
	}
	return w.get()
}

func (w *world) get() *persistent.Subscription {
	w.Helper()
	s, err := w.subs.Get(w.Context(), key)
	if err != nil {
		w.Fatal(err)
	}
	return s
}

// put appends events to a stream, with data that says their number.
func (w *world) put(stream string, n int) {
	w.Helper()
	info, err := w.store.StreamInfo(w.Context(), stream)
	if err != nil {
		w.Fatal(err)
	}
	for i := range n {
		e := cairn.Event{Type: "x", Data: fmt.Appendf(nil, "%d", int(info.Last)+1+i)}
		if _, err := w.store.Append(w.Context(), stream, cairn.Any, e); err != nil {
			w.Fatal(err)
		}
	}
}

// A reader is a consumer, and what it has taken and not answered for.
type reader struct {
	w *world
	*persistent.Consumer
	has []persistent.Delivery
}

// connect adds a consumer.
func (w *world) connect(buffer int) *reader {
	w.Helper()
	c, err := w.get().Connect(w.Context(), persistent.Client{Buffer: buffer})
	if err != nil {
		w.Fatal(err)
	}
	return &reader{w: w, Consumer: c}
}

// take takes all that there is for the consumer now, and says what.
func (r *reader) take() string {
	r.w.Helper()
	var lines []string
	for {
		synctest.Wait()
		ctx, cancel := context.WithTimeoutCause(r.w.Context(), time.Nanosecond, errNothing)
		d, err := r.Next(ctx)
		cancel()
		if errors.Is(err, errNothing) {
			return strings.Join(lines, " ")
		}
		if err != nil {
			return strings.Join(append(lines, err.Error()), " ")
		}
		r.has = append(r.has, d)
		lines = append(lines, line(&d))
	}
}

var errNothing = errors.New("nothing")

// line is a delivery in short: the event, a "+" for each time it failed, and a "p"
// if it was parked.
func line(d *persistent.Delivery) string {
	e, parked := &d.Recorded, ""
	if d.Link {
		parked = "p"
		if e = d.Target; e == nil {
			return "?p"
		}
	}
	return string(e.Data) + strings.Repeat("+", d.Retries) + parked
}

// answer answers for the first so many that the consumer has.
func (r *reader) answer(n int, how func(id cairn.ID)) {
	for _, d := range r.has[:n] {
		how(d.ID)
	}
	r.has = r.has[n:]
}

func (r *reader) ack(n int) { r.answer(n, func(id cairn.ID) { r.Ack(id) }) }

func (r *reader) nack(n int, a persistent.Action) {
	r.answer(n, func(id cairn.ID) { r.Nack(a, "because", id) })
}

// stored is the data of what can be read of a stream.
func (w *world) stored(stream string) string {
	w.Helper()
	synctest.Wait()
	var lines []string
	for e, err := range w.store.ReadStream(w.Context(), stream, cairn.ReadOptions{}) {
		if err != nil {
			w.Fatal(err)
		}
		lines = append(lines, string(e.Data))
	}
	return strings.Join(lines, " ")
}

const (
	checkpoints = "$persistentsubscription-s::g-checkpoint"
	parked      = "$persistentsubscription-s::g-parked"
)

func equal[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func (w *world) info() persistent.Info {
	w.Helper()
	synctest.Wait()
	i, err := w.get().Info(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	return i
}
