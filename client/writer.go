package client

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/cairndb/cairn"
)

// A writer sends the batches of many callers over one stream after the other, and
// stores none of them twice.
//
// What makes this hard is a connection that breaks after a batch was sent: it may
// be stored, it may be stored a moment later, or it may never have arrived. There
// are two lines of defence.
//
// The first is the session. The streams that a writer opens one after the other
// belong to one session, in which each batch has a number. The server remembers
// what it stored in a session until the client says that it has the answer. When a
// stream breaks, the next one takes the session over: the server waits until
// nothing of the earlier one is under way, and then answers what it remembers and
// commits the rest. What the batch expects, whether it deletes, whether its own
// events by now violate its conditions, all this makes no difference, and the
// answer is the very one that was lost. A refusal is not remembered: nothing was
// stored, so the batch may as well be judged again, later.
//
// The second is the log itself, and is needed when the server has forgotten the
// session, because it was restarted or because the client was away for long: then
// the memory that its hello names is another one. Again nothing of an earlier
// stream can be under way: its server is gone, or has ended it. So what was stored
// is in the log, and what is not there never will be. The writer looks behind the
// position at which the log ended, as far as it knew, before the batch was sent,
// for the events' IDs. It has given an ID to each event that had none, so that this
// works for every batch with events (settle.go):
//
//   - Found: it was stored. The receipt is made from the events. It says Duplicate
//     only if all IDs were the caller's, as then an earlier call of the caller's may
//     have stored them.
//   - Not found: it was not stored, and is sent as if for the first time.
//   - No events, but a key: the key is recognised for ever, so it is sent again. If
//     the answer is Duplicate it stays so: an earlier call may have used the key.
//   - Only conditions: nothing could be stored; it is sent again.
//   - No events but expectations, a deletion that expects an exact revision, or a
//     tombstone: doing it twice does no more than doing it once, so it is sent again.
//     But a refusal may be due to the first time, and then the outcome is unknown.
//   - Another deletion: between the two times somebody may have written to the
//     stream, whose events the second deletion would take with it. Unknown.
//   - Looking is not allowed: what has a key or exact expectations is recognised by
//     the store. The rest is unknown.
//
// A server that is shut down in good order answers what it has received and then
// says that it took no more. What was not answered then counts as not sent.
type writer struct {
	client  *Client
	session cairn.ID
	wake    chan struct{} // holds one when there may be something to send
	over    chan struct{} // closed when the writer has ended
	cancel  context.CancelCauseFunc

	mu      sync.Mutex
	closed  bool
	up      bool  // a stream is open and its hello has come
	why     error // not, if so
	last    uint64
	queue   []*call // to send, rising by number
	flying  []*call // sent over the open stream and not answered, rising by number
	bytes   int     // of those
	head    cairn.Position
	memory  cairn.ID
	patient *time.Timer // ends the waiting of what was there when the stream broke
}

// Limits of what is sent and not answered.
const (
	mostFlying      = 1 << 12
	mostFlyingBytes = 16 << 20
)

// grace is how long a caller whose context has ended waits for the answer to what
// was sent.
const grace = 5 * time.Second

func newWriter(c *Client) *writer {
	ctx, cancel := context.WithCancelCause(context.Background())
	w := &writer{
		client: c, session: cairn.NewID(), cancel: cancel,
		wake: make(chan struct{}, 1), over: make(chan struct{}),
	}
	go w.run(ctx)
	return w
}

func (w *writer) signal() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// run opens a stream when there is something to send and serves it until it
// breaks, for as long as the client is open.
func (w *writer) run(ctx context.Context) {
	defer close(w.over)
	pause := pacer{}
	for attempt := uint64(1); w.wanted(ctx); attempt++ {
		begun, err := w.link(ctx, attempt)
		if w.broke(ctx, err) {
			return
		}
		w.client.options.Logger.LogAttrs(ctx, slog.LevelWarn, "connection to the server lost; trying again",
			slog.String("server", w.client.address.Host), slog.Any("error", err))
		if begun {
			pause = pacer{}
		}
		_ = pause.wait(ctx) // wanted looks at ctx
	}
}

// wanted waits until there is something to send. It reports false when the client
// closes.
func (w *writer) wanted(ctx context.Context) bool {
	for {
		w.mu.Lock()
		there := len(w.queue) > 0
		w.mu.Unlock()
		if there && ctx.Err() == nil {
			return true
		}
		select {
		case <-w.wake:
		case <-ctx.Done():
			w.broke(ctx, context.Cause(ctx))
			return false
		}
	}
}

// broke is called when the stream has ended. What was sent over it is to be sent
// again, before all else. It reports whether the writer has ended.
func (w *writer) broke(ctx context.Context, why error) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.up, w.why = false, why
	w.queue = append(w.flying, w.queue...)
	w.flying, w.bytes = nil, 0
	last := final(why)
	for _, c := range w.queue {
		switch {
		case w.closed:
			w.drop(c, cairn.ErrClosed)
		case c.lapsed != nil:
			w.drop(c, c.lapsed)
		case last != nil:
			w.drop(c, last)
		}
	}
	if w.closed || last != nil {
		w.queue = nil
	}
	w.losePatience()
	return w.closed
}

// losePatience lets what waits now wait for so long and no longer.
func (w *writer) losePatience() {
	if w.patient != nil || len(w.queue) == 0 {
		return
	}
	number := w.last
	w.patient = time.AfterFunc(w.client.options.MaxWait, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, c := range w.queue {
			if !w.up && c.number <= number && c.timer == nil {
				w.drop(c, unavailable(w.client.address.Host, w.reason()))
			}
		}
	})
}

// connected is called when a stream is ready for what is in the queue.
func (w *writer) connected() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.up, w.why = true, nil
	if w.patient != nil {
		w.patient.Stop()
		w.patient = nil
	}
	for _, c := range w.queue {
		if c.timer != nil {
			c.timer.Stop()
			c.timer = nil
		}
	}
}

// close ends the writer after what is under way, and waits for it.
func (w *writer) close() {
	w.mu.Lock()
	w.closed = true
	if !w.up {
		w.cancel(cairn.ErrClosed)
	}
	w.mu.Unlock()
	w.signal()
	defer time.AfterFunc(w.client.options.MaxWait, func() { w.cancel(cairn.ErrClosed) }).Stop()
	<-w.over
	w.cancel(cairn.ErrClosed)
}
