package rest

import (
	"context"
	"iter"
	"sync/atomic"

	"github.com/cairndb/cairn"
)

// A feed is where the reader of a follower puts what is to be sent: it gathers
// frames and hands them over when there is a good deal of them, or nothing more
// for now.
type feed struct {
	ctx     context.Context // ends the reader
	frames  chan []byte     // closed when the reader has ended
	failure error           // why it has
	pending []byte
	told    bool // that the reader has caught up

	// beyond is how far the reader has come without anything to send: a place
	// to resume at. Zero if the last frame says as much.
	beyond atomic.Uint64
}

func newFeed(ctx context.Context) *feed { return &feed{ctx: ctx, frames: make(chan []byte)} }

// run reads to the end.
func (f *feed) run(read func(*feed) error) {
	f.failure = read(f)
	f.flush()
	close(f.frames)
}

// add gathers a frame. False means that nobody wants more.
func (f *feed) add(frame func([]byte) []byte) bool {
	f.beyond.Store(0)
	f.pending = frame(f.pending)
	return len(f.pending) < outputSize || f.flush()
}

// all adds events under what they are to be resumed behind, until nobody wants
// more.
func (f *feed) all(events iter.Seq2[cairn.Recorded, error], id func(*cairn.Recorded) uint64) error {
	for e, err := range events {
		if err != nil {
			return err
		}
		if !f.add(func(b []byte) []byte { return appendSent(b, id(&e), &e) }) {
			return nil
		}
	}
	return nil
}

// caughtUp adds a frame the first time, and hands over what there is.
func (f *feed) caughtUp(frame func([]byte) []byte) {
	if !f.told {
		f.add(frame)
	}
	f.told = true
	f.flush()
}

// flush hands over what was gathered.
func (f *feed) flush() bool {
	if len(f.pending) == 0 {
		return true
	}
	select {
	case f.frames <- f.pending:
		f.pending = nil
		return true
	case <-f.ctx.Done():
		return false
	}
}

// alive is a sign of life: how far the reader has come, if that is news.
func (f *feed) alive() []byte {
	if p := f.beyond.Swap(0); p > 0 {
		return appendProgress(nil, "progress", cairn.Position(p))
	}
	return []byte(": still here\n\n")
}
