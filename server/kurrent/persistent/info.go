package persistent

import (
	"context"
	"time"
)

// An Info describes a subscription.
type Info struct {
	Config
	Status    string
	Measured  Measured
	Consumers []ConsumerInfo

	Checkpoint string // the place that is stored; empty if none is
	Known      string // the place last read; empty if nothing was

	Fresh    int // events that wait, and were never delivered
	Live     int // of these, those that were read as they were stored
	Retries  int // events that wait to be delivered again
	InFlight int // events that consumers have
	Parked   int64
}

// A ConsumerInfo describes a consumer.
type ConsumerInfo struct {
	Client
	Measured     Measured
	Measurements []Measurement
	InFlight     int
}

// StartFrom is where the subscription starts, as the protocol writes it.
func (i *Info) StartFrom() string { return i.Start.text(i.Stream == All) }

// Info describes the subscription. Rates are measured anew from here.
func (s *Subscription) Info(ctx context.Context) (Info, error) {
	if err := s.load(ctx); err != nil {
		return Info{}, err
	}
	now, all := time.Now(), s.Stream == All
	s.mu.Lock()
	defer s.mu.Unlock()
	i := Info{
		Config: s.Config, Status: s.status(), Measured: s.rate.look(now),
		Checkpoint: s.checkpoint.at.text(all), Known: s.known.text(all),
		Fresh: s.fresh.Len(), Retries: s.retries.Len(), InFlight: s.inFlight(), Parked: s.parkedCount(),
	}
	if s.live {
		i.Live, i.Fresh = i.Fresh, 0
	}
	for _, c := range s.consumers {
		i.Consumers = append(i.Consumers, ConsumerInfo{c.Client, c.rate.look(now), c.times.measurements(), c.has})
	}
	return i, nil
}

// status says, in the protocol's words, what the subscription is at.
func (s *Subscription) status() string {
	status := "Behind"
	switch {
	case s.live:
		status = "Live"
	case len(s.consumers) > 0 && !s.reading.full:
		status = "Behind, OutstandingPageRequest"
	}
	if s.replay.next < s.replay.stop {
		status += ", ReplayingParkedMessages"
	}
	return status
}
