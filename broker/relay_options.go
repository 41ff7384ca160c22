package broker

import (
	"cmp"
	"log/slog"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/group"
)

// RelayOptions are the settings of a [Relay]. Contract, Mapping and Publisher
// must be set.
type RelayOptions struct {
	Contract  *Contract
	Mapping   Mapping
	Publisher Publisher // is lent: the relay does not close it

	// Group are the settings of the group that the relay is. Its Key, the stream
	// if it is nil, is in what order is kept. Zero Workers, which is how many
	// messages are published at the same time, means 256. What its About does not
	// say is filled in: topics and types of the contract, and the broker.
	Group group.Options

	// PublishTimeout is how long the broker may take to confirm a message before
	// it counts as unavailable. Zero means 30 s.
	PublishTimeout time.Duration

	// MaxHold is how long to wait at most before an unavailable broker is tried
	// again. Zero means 30 s.
	MaxHold time.Duration

	// OnPublished is told of each message that the broker has confirmed, and how
	// long that took. Like the other hooks, it is called by several goroutines
	// at once, must be quick, and may be nil.
	OnPublished func(e *cairn.Recorded, m *Message, took time.Duration)

	// OnSkipped is told of each event of which others are told nothing: the
	// reason is [ErrUnmapped], or nil if the mapping knows it and says nothing.
	OnSkipped func(e *cairn.Recorded, reason error)

	// OnFailed is told of each attempt at an event that failed, counting from 1,
	// and whether the event is parked now. Outages of the broker are none.
	OnFailed func(e *cairn.Recorded, attempt int, parked bool, err error)

	// OnHeld is told that the broker is unavailable, when it is found to be and
	// each time that it still is: how often in a row that was, when it will be
	// tried again, and why. OnResumed is told that it is back.
	OnHeld    func(failures int, after time.Duration, err error)
	OnResumed func(held time.Duration)

	// Logger is told of outages and of what is parked, and is the group's if
	// that has none. Nil is silent.
	Logger *slog.Logger
}

func (o RelayOptions) withDefaults() (RelayOptions, error) {
	o.Group.Workers = cmp.Or(o.Group.Workers, 256)
	o.Group.About = o.about()
	o.PublishTimeout = cmp.Or(o.PublishTimeout, 30*time.Second)
	o.MaxHold = cmp.Or(o.MaxHold, 30*time.Second)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	} else if o.Group.Logger == nil {
		o.Group.Logger = o.Logger
	}
	return o, o.validate()
}

func (o *RelayOptions) validate() error {
	switch {
	case o.Contract == nil:
		return &cairn.InvalidError{Field: "contract", Problem: "must be set"}
	case o.Mapping == nil:
		return &cairn.InvalidError{Field: "mapping", Problem: "must be set"}
	case o.Publisher == nil:
		return &cairn.InvalidError{Field: "publisher", Problem: "must be set"}
	case o.PublishTimeout < 0:
		return &cairn.InvalidError{Field: "publish timeout", Problem: "must not be negative"}
	case o.MaxHold < 0:
		return &cairn.InvalidError{Field: "max hold", Problem: "must not be negative"}
	}
	return nil
}

// hook adds the relay's hooks to those of its group.
func (o *RelayOptions) hook() {
	retry, parked := o.Group.OnRetry, o.Group.OnParked
	o.Group.OnRetry = func(e *cairn.Recorded, attempt int, after time.Duration, err error) {
		if o.OnFailed != nil {
			o.OnFailed(e, attempt, false, err)
		}
		if retry != nil {
			retry(e, attempt, after, err)
		}
	}
	o.Group.OnParked = func(e *cairn.Recorded, attempt int, err error) {
		o.Logger.Error("broker: an event is parked", "type", e.Type, "stream", e.Stream, "position", e.Position, "attempts", attempt, "err", err)
		if o.OnFailed != nil {
			o.OnFailed(e, attempt, true, err)
		}
		if parked != nil {
			parked(e, attempt, err)
		}
	}
}
