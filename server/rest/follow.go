package rest

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/cairndb/cairn"
)

// follow sends server-sent events of a stream, or of the log, until the reader
// ends, the client goes or may not read it any more, or the server goes. The
// reader runs beside it, so that signs of life can be sent while there is nothing
// to read.
func (s *service) follow(w http.ResponseWriter, r *http.Request, stream string, read func(*feed) error) error {
	release, err := s.followers.take("followers")
	if err != nil {
		return err
	}
	defer release()
	ctx, cancel := context.WithCancel(r.Context())
	f := newFeed(ctx)
	var reader sync.WaitGroup
	reader.Go(func() { f.run(read) })
	defer reader.Wait()
	defer cancel()

	out := s.stream(w, r, sseType)
	if r.Method == http.MethodHead {
		return nil
	}
	if err := s.send(r, out, f, stream); ctx.Err() == nil {
		s.sayLast(ctx, out, err)
	}
	return nil
}

// send sends frames until there are no more, which is the error if it has a
// reason that somebody is there to be told. Each is sent to who may read the
// stream at that time.
func (s *service) send(r *http.Request, out *output, f *feed, stream string) error {
	alive := time.NewTicker(s.o.Heartbeat)
	defer alive.Stop()
	frame := []byte("retry: 2000\n\n")
	for {
		changed := s.access.Changed() // asked for first, so that no change is missed
		if err := s.mayStill(r, stream); err != nil {
			return err
		}
		if _, err := out.Write(frame); err != nil || out.flush() != nil {
			return nil
		}
		select {
		case next, ok := <-f.frames:
			if !ok {
				return f.failure
			}
			frame = next
			alive.Reset(s.o.Heartbeat)
		case <-alive.C:
			frame = f.alive()
		case <-changed:
			frame = nil
		case <-s.o.Done:
			return cairn.ErrClosed
		case <-f.ctx.Done():
			return nil
		}
	}
}

// sayLast says why there is no more, if there is a reason.
func (s *service) sayLast(ctx context.Context, out *output, err error) {
	switch {
	case err == nil:
		return
	case errors.Is(err, cairn.ErrClosed): // come again
		_, _ = out.Write(appendMessage(nil, "closing", "", []byte(`{"reason":"the server is shutting down"}`)))
	default:
		_, _ = out.Write(appendMessage(nil, "problem", "", mustJSON(s.problemOf(ctx, err))))
	}
	_ = out.flush()
}

// followLog is GET /events for those who want to be told of what comes.
func (s *service) followLog(w http.ResponseWriter, r *http.Request, o cairn.AllOptions, q *params) error {
	o.Follow, o.Limit = true, q.limit()
	last, resumed, err := lastEventID(r)
	if err := cmp.Or(err, q.err, o.Validate()); err != nil {
		return err
	}
	if resumed {
		o.After = cairn.Position(last)
	}
	return s.follow(w, r, theLog, func(f *feed) error {
		o.CaughtUp = func(p cairn.Position) {
			f.caughtUp(func(b []byte) []byte { return appendProgress(b, "caught-up", p) })
			f.beyond.Store(uint64(p))
		}
		o.Progress = func(p cairn.Position) {
			f.add(func(b []byte) []byte { return appendProgress(b, "progress", p) })
			f.flush()
		}
		return f.all(s.store.ReadAll(f.ctx, o), func(e *cairn.Recorded) uint64 { return uint64(e.Position) })
	})
}

// followStream is GET /streams/{stream} for those who want to be told of what
// comes. The stream need not exist yet.
func (s *service) followStream(w http.ResponseWriter, r *http.Request, stream string, o cairn.ReadOptions, q *params) error {
	o.Follow, o.Limit = true, q.limit()
	last, resumed, err := lastEventID(r)
	if err := cmp.Or(err, q.err, o.Validate()); err != nil {
		return err
	}
	info, err := s.store.StreamInfo(r.Context(), stream)
	if err != nil {
		return err
	}
	if info.State == cairn.StreamTombstoned {
		return &cairn.DeletedError{Stream: stream, Tombstone: true}
	}
	if resumed {
		o.From = cairn.Revision(last) + 1
	}
	return s.follow(w, r, stream, func(f *feed) error {
		o.CaughtUp = func(at cairn.Revision) {
			f.caughtUp(func(b []byte) []byte { return appendStanding(b, at) })
		}
		return f.all(s.store.ReadStream(f.ctx, stream, o), func(e *cairn.Recorded) uint64 { return uint64(e.Revision) })
	})
}
