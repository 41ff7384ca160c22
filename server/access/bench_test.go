package access_test

import (
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
)

// BenchmarkCalls is what every call costs besides its work: finding out who
// calls and whether they may, when nothing changes and while others write.
func BenchmarkCalls(b *testing.B) {
	c, store := newControl(b, access.Options{})
	create(b, c, "u", "password")
	header := basic("u", "password")
	call := func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p, err := c.Authenticate(b.Context(), header, nil)
			if err != nil {
				b.Fatal(err)
			}
			if err := c.Check(access.With(b.Context(), p), access.Read, "a"); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("quiet", call)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				_, _ = store.Append(b.Context(), "noise", cairn.Any, cairn.Event{Type: "noise"})
			}
		}
	}()
	b.Run("busy", call)
	close(stop)
	<-stopped
}
