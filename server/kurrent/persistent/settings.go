package persistent

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// The strategies by which a consumer is chosen for an event.
const (
	DispatchToSingle    = "DispatchToSingle"
	RoundRobin          = "RoundRobin"
	Pinned              = "Pinned"
	PinnedByCorrelation = "PinnedByCorrelation"
)

// Settings are what a subscription was created with. They are returned as they
// were given, and what the numbers mean is said here.
type Settings struct {
	// Start says where the subscription begins, until it has a checkpoint.
	Start Start

	// Filter selects events of the log. Nil selects all.
	Filter *Filter

	// ResolveLinks delivers what a link leads to along with the link.
	ResolveLinks bool

	// ExtraStatistics has the time measured from delivery to acknowledgement.
	ExtraStatistics bool

	// MessageTimeout is how long a consumer may take over an event before it
	// counts as failed, in whole milliseconds. Zero is for ever.
	MessageTimeout time.Duration

	// MaxRetryCount is how often an event is delivered again after it failed,
	// before it is parked.
	MaxRetryCount int

	// CheckpointAfter, in whole milliseconds, is how long after an event was
	// settled the progress is written down, if MinCheckpointCount events were
	// settled by then. Zero is never. After MaxCheckpointCount it is at once.
	CheckpointAfter                        time.Duration
	MinCheckpointCount, MaxCheckpointCount int

	// MaxSubscriberCount is how many consumers there may be. Zero is any number.
	MaxSubscriberCount int

	// HistoryBufferSize is how many events wait for consumers while there is a
	// backlog, LiveBufferSize how many when there is none. Reading goes on when
	// there is room for ReadBatchSize.
	LiveBufferSize, ReadBatchSize, HistoryBufferSize int

	// Strategy is how consumers are chosen.
	Strategy string
}

// A Filter selects events by the name of their stream, or by their type: those
// in which a regular expression is found or, without one, that begin with any of
// the prefixes.
type Filter struct {
	ByType   bool     `json:"byType,omitempty"`
	Regex    string   `json:"regex,omitempty"`
	Prefixes []string `json:"prefixes,omitempty"`
}

// strategies are the names of those there are.
var strategies = []string{DispatchToSingle, RoundRobin, Pinned, PinnedByCorrelation}

// problem is what is wrong with settings; empty if nothing is. That the minimum
// is above the maximum is not: the protocol's clients write that.
func (s *Settings) problem() string {
	for _, n := range []struct {
		name  string
		value int64
	}{
		{"message timeout", s.MessageTimeout.Milliseconds()}, {"checkpoint after", s.CheckpointAfter.Milliseconds()},
		{"max retry count", int64(s.MaxRetryCount)}, {"max subscriber count", int64(s.MaxSubscriberCount)},
		{"min checkpoint count", int64(s.MinCheckpointCount)}, {"max checkpoint count", int64(s.MaxCheckpointCount)},
		{"live buffer size", int64(s.LiveBufferSize)}, {"read batch size", int64(s.ReadBatchSize)},
		{"history buffer size", int64(s.HistoryBufferSize)},
	} {
		if n.value < 0 || n.value > math.MaxInt32 {
			return fmt.Sprintf("%s is %d, and must be between 0 and %d", n.name, n.value, math.MaxInt32)
		}
	}
	switch {
	case s.ReadBatchSize >= s.HistoryBufferSize:
		return fmt.Sprintf("read batch size %d must be less than history buffer size %d", s.ReadBatchSize, s.HistoryBufferSize)
	case !slices.Contains(strategies, s.Strategy):
		return fmt.Sprintf("Consumer strategy %.100s does not exist.", s.Strategy)
	case !s.Start.End && (s.Start.At < 0 || s.Start.Prepare < 0 || s.Start.Prepare > s.Start.At):
		return "the start is before the first event"
	}
	return ""
}
