package ui

import (
	"bytes"
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/cairndb/cairn"
)

// A feed sends parts of a page to a browser as they change: server-sent events,
// whose data is HTML, by the names that the page listens to. Its methods may be
// called concurrently.
type feed struct {
	mu sync.Mutex
	w  http.ResponseWriter
	c  *http.ResponseController
}

// errFull is the problem of too many pages that follow.
var errFull = &problem{http.StatusServiceUnavailable, "The server is busy", "As many pages follow it as may.", "Close some, or load the page again in a moment."}

// patience is how long a browser may take to receive a part.
const patience = 30 * time.Second

// live answers with a feed until work returns, the browser is gone or the server
// stops; ctx ends with the last two. Nothing has to be said to keep the connection
// alive.
func (u *ui) live(w http.ResponseWriter, r *http.Request, work func(ctx context.Context, f *feed) error) error {
	select {
	case u.followers <- struct{}{}:
		defer func() { <-u.followers }()
	default:
		return errFull
	}
	ctx, stop := context.WithCancel(r.Context())
	defer stop()
	f := &feed{w: w, c: http.NewResponseController(w)}
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	beating := make(chan struct{})
	go func() {
		defer close(beating)
		defer stop()
		f.beat(ctx, u.o.Done, u.o.Heartbeat)
	}()
	if err := work(ctx, f); err != nil && ctx.Err() == nil {
		u.o.Logger.Error("a page stopped following", "path", r.URL.Path, "error", err)
		_ = f.send("problem", []byte(problemOf(err).Title))
	}
	stop()
	<-beating
	return nil
}

// beat sends signs of life until there is nobody to send them to.
func (f *feed) beat(ctx context.Context, done <-chan struct{}, every time.Duration) {
	t := time.NewTicker(every)
	defer t.Stop()
	for f.write([]byte(":\n\n")) == nil {
		select {
		case <-ctx.Done():
			return
		case <-done:
			return
		case <-t.C:
		}
	}
}

// send sends a part of the page under a name.
func (f *feed) send(name string, html []byte) error {
	var b bytes.Buffer
	b.WriteString("event: " + name + "\n")
	for line := range bytes.SplitSeq(bytes.TrimSpace(html), []byte("\n")) {
		b.WriteString("data: ")
		b.Write(bytes.ReplaceAll(line, []byte("\r"), nil))
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
	return f.write(b.Bytes())
}

// mark says how far the feed is. A browser that has lost it says so when it asks
// again, as Last-Event-ID.
func (f *feed) mark(at string) error { return f.write([]byte("id: " + at + "\n\n")) }

// since is where a follower goes on: where it was when its connection broke, or
// else where the page that it belongs to ends, which the page says.
func since(r *http.Request) (cairn.Position, error) {
	if at := r.Header.Get("Last-Event-ID"); at != "" {
		return position("Last-Event-ID", at)
	}
	return position("after", r.FormValue("after"))
}

func (f *feed) write(b []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.c.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if _, err := f.w.Write(b); err != nil {
		return err
	}
	return f.c.Flush()
}
