package client_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/client"
	"github.com/cairndb/cairn/engine/disk"
)

// A held store keeps commits back while it is told to.
type held struct {
	*disk.Store
	mu      sync.Mutex
	hold    chan struct{}
	piles   int      // that came
	waiting chan int // told of the size of each pile that waits

	committed chan struct{} // and of those that do so no longer
}

func hold(s *disk.Store) *held {
	return &held{Store: s, waiting: make(chan int, 100), committed: make(chan struct{}, 100)}
}

func (h *held) CommitEach(ctx context.Context, batches []cairn.Batch) []cairn.Outcome {
	h.mu.Lock()
	hold := h.hold
	h.piles++
	h.mu.Unlock()
	if hold == nil {
		return h.Store.CommitEach(ctx, batches)
	}
	h.waiting <- len(batches)
	<-hold
	defer func() { h.committed <- struct{}{} }()
	return h.Store.CommitEach(ctx, batches)
}

func (h *held) keepBack() (release func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	hold := make(chan struct{})
	h.hold = hold
	return func() {
		h.mu.Lock()
		h.hold = nil
		h.mu.Unlock()
		close(hold)
	}
}

// A rig is a client, a proxy, a server and a store that can be kept back.
type rig struct {
	*client.Client
	fs     vfs.FS
	store  *held
	server *server
	proxy  *proxy
}

func newRig(t *testing.T, o *client.Options) *rig {
	t.Helper()
	r := &rig{fs: vfs.NewMem()}
	r.store = hold(openDisk(t, r.fs))
	r.server = serve(t, r.store, "")
	r.proxy = newProxy(t, r.server.address, 0)
	r.proxy.calm.Store(true)
	r.Client = dial(t, r.proxy.address(), o)
	t.Cleanup(func() { closeAll(t, r.Client, r.server, r.proxy, r.store) })
	return r
}

// away cuts the connection and lets no other come about.
func (r *rig) away() {
	nowhere := "127.0.0.1:1"
	r.proxy.target.Store(&nowhere)
	r.proxy.cutAll()
}

func (r *rig) back() { r.proxy.target.Store(&r.server.address) }

// restart starts the server anew over the same store, or over another.
func (r *rig) restart(t *testing.T, fs vfs.FS) {
	t.Helper()
	r.server.kill()
	if err := r.store.Close(); err != nil {
		t.Error(err)
	}
	r.store = hold(openDisk(t, fs))
	r.server = serve(t, r.store, "")
	r.back()
}

func event() cairn.Event { return cairn.Event{Type: "x", Data: []byte("data")} }

var errCause = errors.New("the cause")

// an answer is what an append returned.
type answer struct {
	receipt cairn.BatchReceipt
	err     error
}

// committing commits in a goroutine.
func (r *rig) committing(ctx context.Context, b cairn.Batch) chan answer {
	done := make(chan answer, 1)
	go func() {
		receipt, err := r.Commit(ctx, b)
		done <- answer{receipt, err}
	}()
	return done
}

func one(stream string, expected cairn.Revision, events ...cairn.Event) cairn.Batch {
	return cairn.Batch{Writes: []cairn.Write{{Stream: stream, Expected: expected, Events: events}}}
}

func want(t *testing.T, err error, is ...error) {
	t.Helper()
	for _, target := range is {
		if !errors.Is(err, target) {
			t.Errorf("got %v, want %v", err, target)
		}
	}
}

func soon[V any](t *testing.T, c chan V) (v V) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(patience):
		t.Fatal("this should have happened long ago")
	}
	return v
}

// TestPacking: what piles up travels together.
func TestPacking(t *testing.T) {
	r := newRig(t, nil)
	release := r.store.keepBack()
	first := r.committing(t.Context(), one("first", cairn.Any, event()))
	soon(t, r.store.waiting)
	const n = 300
	var all []chan answer
	for i := range n {
		all = append(all, r.committing(t.Context(), one(fmt.Sprint("s-", i), cairn.NoStream, event())))
	}
	time.Sleep(50 * time.Millisecond) // so that most are on their way
	release()
	soon(t, first)
	for _, c := range all {
		if a := soon(t, c); a.err != nil {
			t.Error(a.err)
		}
	}
	if r.store.piles > n/3 {
		t.Errorf("%d batches that piled up came in %d piles", n, r.store.piles)
	}
}

// TestEndBeforeSending stores nothing.
func TestEndBeforeSending(t *testing.T) {
	r := newRig(t, nil)
	r.away()
	ctx, cancel := context.WithCancelCause(t.Context())
	a := r.committing(ctx, one("s", cairn.Any, event()))
	cancel(errCause)
	err := soon(t, a).err
	want(t, err, errCause)
	if errors.Is(err, cairn.ErrUnknownOutcome) {
		t.Errorf("got %v of what was never sent", err)
	}
	r.back()
	if _, err := r.Append(t.Context(), "t", cairn.NoStream, event()); err != nil {
		t.Error(err)
	}
	if info, _ := r.store.Info(t.Context()); info.Head != 1 {
		t.Errorf("head %d", info.Head)
	}
}

// TestEndAfterSending is ignored while there is a connection.
func TestEndAfterSending(t *testing.T) {
	r := newRig(t, nil)
	release := r.store.keepBack()
	ctx, cancel := context.WithCancelCause(t.Context())
	a := r.committing(ctx, one("s", cairn.Any, event()))
	soon(t, r.store.waiting)
	cancel(errCause)
	select {
	case a := <-a:
		t.Fatalf("ended before the outcome was known: %v", a.err)
	case <-time.After(20 * time.Millisecond):
	}
	release()
	if a := soon(t, a); a.err != nil || a.receipt.Position != 1 {
		t.Errorf("got %+v", a)
	}
}

// TestEndAfterTheConnection leaves the outcome unknown, and says both.
func TestEndAfterTheConnection(t *testing.T) {
	for _, first := range []string{"context", "connection"} {
		t.Run(first, func(t *testing.T) {
			r := newRig(t, nil)
			release := r.store.keepBack()
			defer release()
			ctx, cancel := context.WithCancelCause(t.Context())
			a := r.committing(ctx, one("s", cairn.Any, event()))
			soon(t, r.store.waiting)
			if first == "context" {
				cancel(errCause)
				r.away()
			} else {
				r.away()
				cancel(errCause)
			}
			want(t, soon(t, a).err, cairn.ErrUnknownOutcome, errCause)
		})
	}
}

// TestMaxWait ends the waiting for a server, for what was sent and what was not.
func TestMaxWait(t *testing.T) {
	r := newRig(t, &client.Options{MaxWait: 100 * time.Millisecond})
	release := r.store.keepBack()
	defer release()
	sent := r.committing(t.Context(), one("s", cairn.Any, event()))
	soon(t, r.store.waiting)
	r.away()
	unsent := r.committing(t.Context(), one("s", cairn.Any, event()))
	want(t, soon(t, sent).err, cairn.ErrUnknownOutcome, client.ErrUnavailable)
	err := soon(t, unsent).err
	want(t, err, client.ErrUnavailable)
	if !strings.Contains(err.Error(), r.proxy.address()) {
		t.Errorf("the error does not say which server: %v", err)
	}
	_, err = r.Info(t.Context())
	want(t, err, client.ErrUnavailable)
	_, err = cairn.Collect(r.ReadAll(t.Context(), cairn.AllOptions{}))
	want(t, err, client.ErrUnavailable)
}

// TestFollowersWait for longer than MaxWait.
func TestFollowersWait(t *testing.T) {
	r := newRig(t, &client.Options{MaxWait: 10 * time.Millisecond})
	seen, caught := make(chan cairn.Position, 10), make(chan cairn.Position, 100)
	ctx, cancel := context.WithCancelCause(t.Context())
	ended := make(chan error, 1)
	go func() {
		o := cairn.AllOptions{Follow: true, CaughtUp: func(p cairn.Position) { caught <- p }}
		for e, err := range r.ReadAll(ctx, o) {
			if err != nil {
				ended <- err
				return
			}
			seen <- e.Position
		}
	}()
	soon(t, caught)
	r.away()
	if _, err := r.store.Append(t.Context(), "s", cairn.Any, event()); err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond)
	r.back()
	if p := soon(t, seen); p != 1 {
		t.Errorf("sees %d", p)
	}
	cancel(errCause)
	want(t, soon(t, ended), errCause)
}

// TestUnknownAfterRestart: what became of these cannot be found out. All were sent
// and kept back until the server was gone.
func TestUnknownAfterRestart(t *testing.T) {
	deletion := func(how cairn.Deletion, expected cairn.Revision) cairn.Batch {
		return cairn.Batch{Writes: []cairn.Write{{Stream: "s", Expected: expected, Delete: how}}}
	}
	for name, c := range map[string]struct {
		batch   cairn.Batch
		stored  bool // before the server is gone
		unknown bool
		is      error
		again   bool // the receipt says that it is a duplicate
	}{
		"any":                         {batch: one("s", cairn.Any, event())},
		"any, stored":                 {batch: one("s", cairn.Any, event()), stored: true},
		"any, stored, caller's ID":    {batch: one("s", cairn.Any, cairn.Event{ID: cairn.NewID(), Type: "x"}), stored: true, again: true},
		"exact, stored":               {batch: one("s", 0, event()), stored: true},
		"conditions":                  {batch: cairn.Batch{Conditions: []cairn.Condition{cairn.StreamAt("s", 0)}}, stored: true},
		"key, nothing else, stored":   {batch: cairn.Batch{Key: "k"}, stored: true, again: true},
		"key, any, stored":            {batch: cairn.Batch{Key: "k", Writes: one("s", cairn.Any, event()).Writes}, stored: true},
		"soft deletion":               {batch: deletion(cairn.SoftDelete, cairn.Any), unknown: true},
		"soft deletion, exact":        {batch: deletion(cairn.SoftDelete, 0)},
		"soft deletion, exact, twice": {batch: deletion(cairn.SoftDelete, 0), stored: true},
		"tombstone":                   {batch: deletion(cairn.Tombstone, cairn.Any)},
		"tombstone, stored":           {batch: deletion(cairn.Tombstone, cairn.Any), stored: true, unknown: true, is: cairn.ErrStreamDeleted},
		"expectation that fails":      {batch: one("s", 7), unknown: true, is: cairn.ErrConflict},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, nil)
			if _, err := r.Append(t.Context(), "s", cairn.NoStream, event()); err != nil {
				t.Fatal(err)
			}
			release := r.store.keepBack()
			done := r.committing(t.Context(), c.batch)
			soon(t, r.store.waiting)
			r.away()
			if c.stored {
				release()
				soon(t, r.store.committed)
				r.restart(t, r.fs)
			} else {
				r.lose(t, release)
			}
			a := soon(t, done)
			if errors.Is(a.err, cairn.ErrUnknownOutcome) != c.unknown || !c.unknown && a.err != nil {
				t.Errorf("got %v, want unknown: %v", a.err, c.unknown)
			}
			if c.is != nil {
				want(t, a.err, c.is)
			}
			if a.receipt.Duplicate != c.again {
				t.Errorf("receipt %+v", a.receipt)
			}
			events := 0
			for e, err := range r.store.ReadAll(t.Context(), cairn.AllOptions{NoSystem: true}) {
				if err != nil {
					t.Fatal(err)
				}
				if events++; events == 2 && a.err == nil && a.receipt.Position != e.Position {
					t.Errorf("receipt %+v, stored at %d", a.receipt, e.Position)
				}
			}
			if events > 2 {
				t.Errorf("%d events", events)
			}
		})
	}
}

// lose restarts the server so that what it was keeping back is never stored: its
// store is closed first.
func (r *rig) lose(t *testing.T, release func()) {
	t.Helper()
	if err := r.store.Close(); err != nil {
		t.Error(err)
	}
	release()
	r.restart(t, r.fs)
}

// TestOtherStore: a server with another store is not what the client began with.
func TestOtherStore(t *testing.T) {
	r := newRig(t, nil)
	if _, err := r.Append(t.Context(), "s", cairn.NoStream, event()); err != nil {
		t.Fatal(err)
	}
	release := r.store.keepBack()
	sent := r.committing(t.Context(), one("s", cairn.Any, event()))
	soon(t, r.store.waiting)
	follower := make(chan error, 1)
	caught := make(chan cairn.Position, 100)
	go func() {
		o := cairn.AllOptions{Follow: true, CaughtUp: func(p cairn.Position) { caught <- p }}
		_, err := cairn.Collect(r.ReadAll(t.Context(), o))
		follower <- err
	}()
	soon(t, caught)
	r.away()
	release()
	r.restart(t, vfs.NewMem())
	want(t, soon(t, sent).err, client.ErrOtherStore, cairn.ErrUnknownOutcome)
	want(t, soon(t, follower), client.ErrOtherStore)
	_, err := r.Append(t.Context(), "t", cairn.NoStream, event())
	want(t, err, client.ErrOtherStore)
	if errors.Is(err, cairn.ErrUnknownOutcome) {
		t.Errorf("got %v of what was never sent", err)
	}
}

// TestCloseWaits for what is under way.
func TestCloseWaits(t *testing.T) {
	r := newRig(t, nil)
	release := r.store.keepBack()
	a := r.committing(t.Context(), one("s", cairn.Any, event()))
	soon(t, r.store.waiting)
	closed := make(chan error, 1)
	go func() { closed <- r.Close() }()
	select {
	case <-closed:
		t.Error("closed with a write under way")
	case <-time.After(20 * time.Millisecond):
	}
	release()
	if a := soon(t, a); a.err != nil {
		t.Error(a.err)
	}
	if err := soon(t, closed); err != nil {
		t.Error(err)
	}
}

// TestCloseWithoutConnection does not wait for one.
func TestCloseWithoutConnection(t *testing.T) {
	r := newRig(t, nil)
	release := r.store.keepBack()
	defer release()
	sent := r.committing(t.Context(), one("s", cairn.Any, event()))
	soon(t, r.store.waiting)
	r.away()
	unsent := r.committing(t.Context(), one("s", cairn.Any, event()))
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	want(t, soon(t, sent).err, cairn.ErrClosed, cairn.ErrUnknownOutcome)
	want(t, soon(t, unsent).err, cairn.ErrClosed)
}

// TestCloseReleases every goroutine, of a client that was cut off too.
func TestCloseReleases(t *testing.T) {
	use := func() {
		store := openDisk(t, vfs.NewMem())
		server := serve(t, store, "")
		proxy := newProxy(t, server.address, 0)
		proxy.calm.Store(true)
		c := dial(t, proxy.address(), nil)
		for range 3 {
			if _, err := c.Append(t.Context(), "s", cairn.Any, event()); err != nil {
				t.Error(err)
			}
			proxy.cutAll()
			for _, err := range c.ReadAll(t.Context(), cairn.AllOptions{Follow: true}) {
				if err != nil {
					t.Error(err)
				}
				break
			}
		}
		closeAll(t, c, server, proxy, store)
	}
	use()
	before := runtime.NumGoroutine()
	use()
	use()
	for deadline := time.Now().Add(patience); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<16)
			t.Fatalf("%d goroutines of %d:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}
	}
}

// TestCommitEach: each batch has its outcome, in order, one that is malformed too.
func TestCommitEach(t *testing.T) {
	r := newRig(t, nil)
	var batches []cairn.Batch
	for i := range 1000 {
		batches = append(batches, one("s", cairn.Revision(i-1), event()))
	}
	batches = append(batches, one("", cairn.Any, event()), one("s", 3, event()), one("t", cairn.NoStream, event()))
	outcomes := cairn.CommitEach(t.Context(), r.Client, batches)
	for i, o := range outcomes[:1000] {
		if o.Err != nil || o.Position != cairn.Position(i+1) {
			t.Fatalf("outcome %d: %+v", i, o)
		}
	}
	want(t, outcomes[1000].Err, cairn.ErrInvalid)
	want(t, outcomes[1001].Err, cairn.ErrConflict)
	if o := outcomes[1002]; o.Err != nil || o.Position != 1001 {
		t.Errorf("outcome %+v", o)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errCause)
	for _, o := range r.CommitEach(ctx, batches[:2]) {
		want(t, o.Err, errCause)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	for _, o := range r.CommitEach(t.Context(), batches[:2]) {
		want(t, o.Err, cairn.ErrClosed)
	}
}

// TestLargeConflicts travel whole.
func TestLargeConflicts(t *testing.T) {
	r := newRig(t, nil)
	data := bytes.Repeat([]byte("0123456789abcdef"), 1<<16) // 1 MiB
	for range 5 {
		if _, err := r.Append(t.Context(), "s", cairn.Any, cairn.Event{Type: "x", Data: data, Tags: []string{"t"}}); err != nil {
			t.Fatal(err)
		}
	}
	_, err := r.Commit(t.Context(), cairn.Batch{Conditions: []cairn.Condition{cairn.NoneAfter(0, cairn.ByTag("t"))}})
	c, ok := errors.AsType[*cairn.ConflictError](err)
	if !ok || len(c.Events) != 5 || !bytes.Equal(c.Events[4].Data, data) {
		t.Errorf("got %.100v", err)
	}
}

// TestRanks are the server's.
func TestRanks(t *testing.T) {
	r := newRig(t, nil)
	for i := range 10 {
		if _, err := r.Append(t.Context(), "s", cairn.Any, cairn.Event{Type: fmt.Sprint("x", i%2)}); err != nil {
			t.Fatal(err)
		}
	}
	n, err := cairn.Count(t.Context(), r.Client, cairn.ByType("x1"), 7)
	if n != 3 || err != nil {
		t.Errorf("counts %d, %v", n, err)
	}
	p, err := cairn.Nth(t.Context(), r.Client, cairn.ByType("x1"), 2)
	if p != 6 || err != nil {
		t.Errorf("the third is at %d, %v", p, err)
	}
	_, err = r.Nth(t.Context(), nil, -1)
	want(t, err, cairn.ErrInvalid)
}

// TestDialFails says what stands in the way, and does not wait where that is
// useless.
func TestDialFails(t *testing.T) {
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := nobody.Addr().String()
	_ = nobody.Close()
	ctx, cancel := context.WithTimeoutCause(t.Context(), 200*time.Millisecond, errCause)
	defer cancel()
	_, err = client.Dial(ctx, "cairn://ann:secret@"+address+"?tls=false", nil)
	want(t, err, client.ErrUnavailable, errCause)
	if text := err.Error(); !strings.Contains(text, "refused") || !strings.Contains(text, address) || strings.Contains(text, "secret") {
		t.Errorf("got %q", text)
	}
	r := newRig(t, nil)
	_, err = client.Dial(t.Context(), "cairn://"+r.server.address, nil)
	if err == nil || !strings.Contains(err.Error(), "tls=false") {
		t.Errorf("TLS to a server without: got %v", err)
	}
}
