package inbox_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/cairndb/cairn/cairntest"
	"github.com/cairndb/cairn/client"
	"github.com/cairndb/cairn/inbox"
)

// Two owners in processes of their own, as far as the store can tell.
func TestThroughAServer(t *testing.T) {
	s := cairntest.Start(t)
	const messages = 100
	var all sync.WaitGroup
	for range 2 {
		store, err := client.Dial(t.Context(), s.Cairn(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		in := open(t, store, inbox.Options{KeepCount: messages})
		for w := range 4 {
			all.Go(func() {
				for n := range messages {
					if err := in.Handle(context.Background(), delivery(fmt.Sprint((n*(2*w+1))%messages), ""), invoice); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	all.Wait()
	got := effects(t, s.Store())
	equal(t, "messages with an effect", len(got), messages)
	for stream, n := range got {
		if n != 1 {
			t.Errorf("%s has %d effects", stream, n)
		}
	}
}
