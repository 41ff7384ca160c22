package decider

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/codec"
)

// A Store is what a Decider needs of a [cairn.Store].
type Store interface {
	cairn.Appender
	cairn.Committer
	cairn.StreamReader
	cairn.LogReader
	cairn.Inspector
}

// Options are the settings of a Decider over states S and events E. The zero
// value is right for most.
type Options[S, E any] struct {
	// Initial makes the state of a stream without events. Nil means the zero S.
	Initial func() S

	// MaxAttempts is how often to try to store a decision before giving up with
	// a [*GaveUpError]. Zero means 256: with the default delays that is close to
	// half a minute of losing, after which one more writer on a stream that has
	// so many is no help. A context that ends sooner ends the attempts sooner.
	MaxAttempts int

	// FirstDelay and MaxDelay bound the time between attempts. It is random,
	// between nothing and a limit which begins at FirstDelay and doubles each
	// time up to MaxDelay. Zero means 1 ms and 200 ms.
	FirstDelay, MaxDelay time.Duration

	// Metadata returns what to store as the metadata of events decided under a
	// context, such as the user. It is encoded as a JSON object, to which the
	// IDs of [WithCorrelation] and [CausedBy] are added. Nil means those only.
	Metadata func(context.Context) map[string]any

	// Tags returns tags for an event besides those it has itself: see
	// [codec.Tagged]. Nil means none.
	Tags func(stream string, e E) []string

	// Snapshots, if not nil, spares folding whole streams.
	Snapshots *Snapshots[S]

	// Logger is told why snapshots could not be used or kept. Nil is silent.
	Logger *slog.Logger
}

// A Decider loads states, decides and records. It holds nothing that changes,
// and its methods may be called concurrently.
type Decider[S, E any] struct {
	store    Store
	codec    codec.Codec[E]
	evolve   func(S, E) S
	options  Options[S, E]
	snapshot string // the version of the snapshots it makes

	requires []cairn.Condition
	key      string
}

// New makes a Decider over streams of a store. evolve returns the state after
// one more event; it must be pure and accept every event that the codec knows.
// The options may be nil.
//
// It panics if an argument other than the options is nil, or an option is
// negative.
func New[S, E any](store Store, c codec.Codec[E], evolve func(S, E) S, o *Options[S, E]) *Decider[S, E] {
	if store == nil || c == nil || evolve == nil {
		panic("decider: New needs a store, a codec and an evolve function")
	}
	d := &Decider[S, E]{store: store, codec: c, evolve: evolve, options: o.withDefaults()}
	d.snapshot = d.options.Snapshots.version(c.Names())
	return d
}

func (o *Options[S, E]) withDefaults() Options[S, E] {
	var all Options[S, E]
	if o != nil {
		all = *o
	}
	if all.MaxAttempts < 0 || all.FirstDelay < 0 || all.MaxDelay < 0 {
		panic("decider: options must not be negative")
	}
	all.MaxAttempts = cmp.Or(all.MaxAttempts, defaultAttempts)
	all.FirstDelay = cmp.Or(all.FirstDelay, defaultFirstDelay)
	all.MaxDelay = cmp.Or(all.MaxDelay, defaultMaxDelay)
	if all.Initial == nil {
		all.Initial = func() (s S) { return s }
	}
	if all.Logger == nil {
		all.Logger = slog.New(slog.DiscardHandler)
	}
	all.Snapshots = all.Snapshots.withDefaults()
	return all
}

// Requiring returns a Decider whose decisions are stored only if the conditions
// hold too. They are fixed, so one that fails is no reason to try again: the
// error is the [*cairn.ConflictError]. A decision without events, or with an
// error, does not look at them.
//
//	free := cairn.NoneAfter(0, cairn.ByTag("account-name:Ann"))
//	_, err := accounts.Requiring(free).Do(ctx, "account-7", account.Open("Ann"))
func (d *Decider[S, E]) Requiring(conditions ...cairn.Condition) *Decider[S, E] {
	other := *d
	other.requires = slices.Concat(d.requires, conditions)
	return &other
}

// Once returns a Decider that stores one decision under the key, ever. Doing it
// again decides nothing: the result has the position of the first answer, with
// Duplicate set, and states and revisions as they are now; [Decider.Boundary]
// has the revision of the first answer too. A decision without events, or with
// an error, leaves the key unused.
func (d *Decider[S, E]) Once(key string) *Decider[S, E] {
	other := *d
	other.key = key
	return &other
}
