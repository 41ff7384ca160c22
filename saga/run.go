package saga

import (
	"cmp"
	"context"
	"strings"
	"sync"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/component"
	"github.com/cairndb/cairn/group"
	"github.com/cairndb/cairn/timer"
)

// A Store is what sagas need of a [cairn.Store].
type Store interface {
	cairn.Appender
	cairn.Committer
	cairn.StreamReader
	cairn.LogReader
	cairn.Inspector
}

// Options are the settings of a process that runs a saga. The zero value is right
// for most.
type Options struct {
	// Group are the settings of the group, but for Query and Key, which are the
	// saga's. It says how often to try a step, and how many at the same time. Its
	// About should name the categories that the saga writes, which nobody else
	// knows.
	Group group.Options

	// Clock is by what timers are set. Nil means the system's. It should be that of
	// those who run [timer.Run].
	Clock timer.Clock

	// Timers is the category of the timers: that of [timer.Options].
	Timers timer.Category

	// OnIgnored, if not nil, is told of each event that is for no instance, and
	// why: it is one of the constants of this package. It is called by several
	// goroutines at once, and must be quick; after a crash it may be told again.
	OnIgnored func(e *cairn.Recorded, id string, why Ignored)

	// CensusEvery is how often to see whether many instances have started and ended
	// since the running ones were last written down, and CensusAfter how many are
	// many; it is never less than twice as many as are running. They make [List]
	// cheap. Zero means a minute and 1,000.
	CensusEvery time.Duration
	CensusAfter int
}

// An Ignored says why an event was ignored.
type Ignored string

// Why an event is ignored.
const (
	NoInstance    Ignored = "there is no instance, and it starts none"
	AfterEnd      Ignored = "the instance has ended"
	HandledBefore Ignored = "it was handled before"
	TimerIsOff    Ignored = "the timer was cancelled or set anew"
)

// Run handles the events of a saga until ctx ends, together with all others that do.
// It returns what [group.RunTx] returns, and a [*cairn.InvalidError] if the
// definition or an option makes no sense.
func Run[S, E, C any](ctx context.Context, store Store, d Definition[S, E, C], o Options) error {
	if err := d.validate(); err != nil {
		return err
	}
	o, err := o.withDefaults()
	if err != nil {
		return err
	}
	h := &handler[S, E, C]{Definition: d, names: names(d.Name), store: store, o: o}
	g := o.Group
	g.Query, g.Key = h.query(), h.key
	g.About = g.About.Or(component.About{Kind: "saga", Types: component.Names(d.Commands.Names())})
	return together(ctx,
		func(ctx context.Context) error { return group.RunTx(ctx, store, h.names.group(), g, h.handle) },
		func(ctx context.Context) error { return h.names.keepCensus(ctx, store, &o) })
}

func (o Options) withDefaults() (Options, error) {
	if o.Group.Query != nil || o.Group.Key != nil {
		return o, &cairn.InvalidError{Field: "group", Problem: "its query and key are the saga's"}
	}
	if o.CensusEvery < 0 || o.CensusAfter < 0 {
		return o, &cairn.InvalidError{Field: "census", Problem: "must not be negative"}
	}
	o.CensusEvery = cmp.Or(o.CensusEvery, time.Minute)
	o.CensusAfter = cmp.Or(o.CensusAfter, 1000)
	if o.Clock == nil {
		o.Clock = systemClock{}
	}
	return o, nil
}

type systemClock struct{}

func (systemClock) Now() time.Time                     { return time.Now() }
func (systemClock) Until(t time.Time) <-chan time.Time { return time.After(time.Until(t)) }

// together runs functions until the first of them returns, ends the others, and
// returns what the first one did.
func together(ctx context.Context, all ...func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for _, run := range all {
		wg.Go(func() { cancel(run(ctx)) })
	}
	wg.Wait()
	return context.Cause(ctx)
}

// query selects what the saga reacts to.
func (h *handler[S, E, C]) query() cairn.Query {
	types := h.Events.Names()
	if h.Query == nil {
		return cairn.ByType(types...)
	}
	return append(h.Query[:len(h.Query):len(h.Query)], cairn.Filter{Types: types, Prefixes: []string{h.names.timeouts()}})
}

// key is what must be handled in order: an instance. What is for none, or cannot be
// read, is in order within its stream.
func (h *handler[S, E, C]) key(r *cairn.Recorded) (key string) {
	key = r.Stream
	defer func() { _ = recover() }() // the handler will meet it again, and fail
	if e, err := h.Events.Decode(*r); err == nil || h.own(r) {
		if id := h.correlate(e, r); id != "" {
			key = id
		}
	}
	return key
}

func (h *handler[S, E, C]) own(r *cairn.Recorded) bool {
	return strings.HasPrefix(r.Stream, h.names.timeouts())
}

// correlate names the instance of an event; the stream of a timeout does.
func (h *handler[S, E, C]) correlate(e E, r *cairn.Recorded) string {
	if id, ok := strings.CutPrefix(r.Stream, h.names.timeouts()); ok {
		return id
	}
	if strings.HasPrefix(r.Stream, anyTimeout) {
		return "" // another saga's
	}
	return h.Correlate(e, r)
}
