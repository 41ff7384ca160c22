package reviewstest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/examples/eshop/contract"
	"github.com/cairndb/cairn/examples/eshop/reviews"
)

// A publisher keeps what is published, and fails first when it is told to.
type publisher struct {
	published chan broker.Message
	mu        sync.Mutex
	failures  int
}

func (p *publisher) Publish(_ context.Context, m broker.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.published <- m
	if p.failures > 0 {
		p.failures--
		return broker.ErrUnavailable // as when a confirmation is lost
	}
	return nil
}

func (p *publisher) Close(context.Context) error { return nil }

func (p *publisher) next(t *testing.T) string {
	t.Helper()
	select {
	case m := <-p.published:
		if m.Topic != contract.Reviews || m.Key != "tent" {
			t.Errorf("topic %q, key %q", m.Topic, m.Key)
		}
		return m.Event.ID() + " " + m.Event.Type() + " " + string(m.Event.Data())
	case <-time.After(30 * time.Second):
		t.Fatal("nothing more is published")
		return ""
	}
}

// Others are told of each review, with the same ID when it has to be said again,
// and not again after a restart.
func testTold(t *testing.T, open func() reviews.Documents) {
	documents := open()
	p := &publisher{published: make(chan broker.Message, 100), failures: 1}
	s, err := reviews.New(reviews.Options{Documents: documents, Publisher: p})
	must(t, err)
	const first, second = "01890000-0000-7000-8000-000000000001", "01890000-0000-7000-8000-000000000002"
	post := func(id string) {
		ask(t, s.Handler(), "POST", "/reviews/tent", `{"id":"`+id+`","customer":"Ann","stars":4,"text":"private"}`)
	}
	post(first)
	const said = ` review.written {"sku":"tent","customer":"Ann","stars":4}`
	for _, round := range []struct {
		post string
		want []string
	}{{"", []string{first + ".0" + said, first + ".0" + said}}, {second, []string{second + ".0" + said}}} {
		ctx, stop := context.WithCancelCause(t.Context())
		enough, ended := errors.New("enough"), make(chan error, 1)
		go func() { ended <- s.Run(ctx) }()
		if round.post != "" {
			post(round.post)
		}
		for _, want := range round.want {
			if got := p.next(t); got != want {
				t.Errorf("said %s, want %s", got, want)
			}
		}
		settled(t, documents)
		stop(enough)
		if err := <-ended; !errors.Is(err, enough) {
			t.Errorf("Run: %v", err)
		}
	}
	if len(p.published) != 0 {
		t.Errorf("%d were said too often", len(p.published))
	}
}

// settled waits until the last that was published is marked.
func settled(t *testing.T, d reviews.Documents) {
	t.Helper()
	for {
		all, err := d.Untold(t.Context(), 1)
		must(t, err)
		if len(all) == 0 {
			return
		}
	}
}
