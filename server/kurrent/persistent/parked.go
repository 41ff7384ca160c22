package persistent

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/cairndb/cairn"
)

// mostReason is how many bytes of a reason are kept, and mostLink is how long what
// a link leads to may be.
const (
	mostReason = 4 << 10
	mostLink   = 2 << 10
)

// mostParked is how many events are parked with one write.
const mostParked = 100

// why is the metadata of a parked event.
type why struct {
	Added  time.Time `json:"added"`
	Reason string    `json:"reason"`
	Number int64     `json:"subscriptionEventNumber"`
}

// park gives a message up: it is settled when a link to it is stored. Until then
// it is not, but its bytes are not needed any more.
func (s *Subscription) park(m *message, reason string) {
	m.link, m.reason = linkTo(&m.Entry), strings.ToValidUTF8(reason[:min(len(reason), mostReason)], "")
	s.forget(m)
	m.held = overhead + len(m.link) + len(m.reason)
	s.held += m.held
	s.parking = append(s.parking, m)
}

// linkTo is the data of a link to what a message delivers; of one that could not
// be followed it is what it leads to, if that can be a place at all.
func linkTo(e *Entry) string {
	if e.Link && e.Target == nil && len(e.Data) <= mostLink {
		return string(e.Data)
	}
	d := e.delivered()
	return strconv.FormatInt(int64(d.Revision), 10) + "@" + d.Stream
}

// parkAll stores all that is being parked.
func (s *Subscription) parkAll(ctx context.Context) error {
	for {
		s.mu.Lock()
		n := len(s.parking)
		s.mu.Unlock()
		if n == 0 {
			return nil
		}
		if err := s.writeParked(ctx); err != nil {
			return err
		}
	}
}

// writeParked stores links to what is being parked.
func (s *Subscription) writeParked(ctx context.Context) error {
	s.storing.Lock()
	defer s.storing.Unlock()
	s.mu.Lock()
	batch := s.parking[:min(len(s.parking), mostParked)]
	s.mu.Unlock()
	if len(batch) == 0 {
		return nil
	}
	events := make([]cairn.Event, 0, len(batch))
	for _, m := range batch {
		metadata, err := json.Marshal(why{time.Now().UTC(), m.reason, int64(m.Place)})
		if err != nil {
			return err
		}
		events = append(events, cairn.Event{ID: cairn.NewID(), Type: typeLink, Format: cairn.Binary, Data: []byte(m.link), Metadata: metadata})
	}
	r, err := s.store.Append(ctx, s.parked(), cairn.Any, events...)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.parking = s.parking[len(batch):]
	s.replay.end = max(s.replay.end, r.Revision+1)
	for _, m := range batch {
		s.settle(m)
	}
	s.letRead()
	return nil
}
