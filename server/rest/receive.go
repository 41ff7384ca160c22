package rest

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/cairndb/cairn/group"
	"github.com/cairndb/cairn/server/access"
)

// backoff is how long to wait before a further attempt if nobody says how long.
var backoff = group.Jitter(100*time.Millisecond, 30*time.Second)

// receive is POST /groups/{group}/receive: deliveries to be settled by hand, as
// soon as there are any.
func (s *service) receive(w http.ResponseWriter, r *http.Request) error {
	name, err := s.groupOf(r, access.Write)
	if err != nil {
		return err
	}
	if q := query(r); q.err != nil {
		return q.err
	}
	text, err := s.jsonBody(w, r)
	if err != nil {
		return err
	}
	a, err := decodeAsk(text)
	if err != nil {
		return err
	}
	free, err := s.followers.take("followers and receivers")
	if err != nil {
		return err
	}
	defer free()
	return s.deliver(w, r, name, &a)
}

func (s *service) deliver(w http.ResponseWriter, r *http.Request, name string, a *ask) error {
	with, err := s.settingsOf(r.Context(), name, a.settings)
	if err != nil {
		return err
	}
	if err := s.mayRead(r.Context(), with.query); err != nil {
		return err
	}
	rc, err := s.receivers.use(r.Context(), name, with)
	if err != nil {
		return err
	}
	defer rc.release()
	all, err := rc.collect(r.Context(), a.limit, a.wait)
	if err == nil {
		err = s.mayReceiveStill(r, name, with)
	}
	if err != nil {
		giveBack(all)
		return err
	}
	s.write(w, http.StatusOK, jsonType, rc.answer(all))
	return nil
}

// settingsOf are the settings given, or those that the group is received with, or
// was run with.
func (s *service) settingsOf(ctx context.Context, name string, given *settings) (*settings, error) {
	if given != nil {
		return given, nil
	}
	if rc := s.receivers.find(name); rc != nil {
		return &rc.settings, nil
	}
	q, err := group.QueryOf(ctx, s.store, name)
	return &settings{query: q}, err
}

// mayReceiveStill asks again what was asked before the wait, which may have been
// long.
func (s *service) mayReceiveStill(r *http.Request, name string, with *settings) error {
	caller, err := s.access.Authenticate(r.Context(), r.Header.Get("Authorization"), r.TLS)
	if err != nil {
		return err
	}
	ctx := access.With(r.Context(), caller)
	if err := s.may(ctx, access.Write, group.DefinitionStream(name)); err != nil {
		return err
	}
	return s.mayRead(ctx, with.query)
}

// answer lends deliveries, and writes them down.
func (r *receiver) answer(all []*group.Delivery) []byte {
	b := []byte(`{"deliveries":[`)
	for i, d := range all {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"id":"`+r.lend(d)+`","attempt":`...)
		b = strconv.AppendInt(b, int64(d.Attempt), 10)
		b = d.Deadline.UTC().AppendFormat(append(b, `,"deadline":"`...), time.RFC3339Nano)
		b = append(appendEvent(append(b, `","event":`...), &d.Recorded), '}')
	}
	return append(b, "]}"...)
}

// A settled says what came of settlements: how many count, and the ids of those
// that came too late. Their events are delivered again.
type settled struct {
	Settled int      `json:"settled"`
	Lost    []string `json:"lost"`
}

// settle is POST /groups/{group}/settle.
func (s *service) settle(w http.ResponseWriter, r *http.Request) error {
	name, err := s.groupOf(r, access.Write)
	if err != nil {
		return err
	}
	if q := query(r); q.err != nil {
		return q.err
	}
	text, err := s.jsonBody(w, r)
	if err != nil {
		return err
	}
	all, err := decodeSettlements(text)
	if err != nil {
		return err
	}
	rc, answer := s.receivers.find(name), settled{Lost: []string{}}
	for i := range all {
		if rc != nil && all[i].settle(rc.take(all[i].id)) {
			answer.Settled++
		} else {
			answer.Lost = append(answer.Lost, all[i].id)
		}
	}
	return s.writeJSON(w, http.StatusOK, answer)
}

// settle settles a delivery, if it still can.
func (o *settlement) settle(d *group.Delivery) bool {
	if d == nil {
		return false
	}
	var reason error
	if o.reason != "" {
		reason = errors.New(o.reason)
	}
	switch o.outcome {
	case "retry":
		after := o.after
		if !o.timed {
			after = backoff(d.Attempt)
		}
		return d.Retry(after, reason) == nil
	case "park":
		return d.Park(reason) == nil
	case "skip":
		return d.Skip(o.reason) == nil
	case "release":
		return d.Release() == nil
	}
	return d.Ack() == nil
}
