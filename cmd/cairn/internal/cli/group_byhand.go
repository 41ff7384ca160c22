package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"sync"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/group"
	"github.com/cairndb/cairn/internal/ndjson"
)

// errNoMoreOutcomes is why a command ends whose standard input does.
var errNoMoreOutcomes = errors.New("standard input has ended")

// backoff is how long to wait if nobody says how long.
var backoff = group.Jitter(100*time.Millisecond, 30*time.Second)

// hands are deliveries that are out, and outcomes that come in.
type hands struct {
	c *console
	q *quota

	mu  sync.Mutex
	out map[cairn.Position]*group.Delivery
}

// byHand prints deliveries, and settles them as standard input says.
func byHand(ctx context.Context, cancel context.CancelCauseFunc, c *console, s cairn.Store, name string, o group.Options, q *quota) error {
	h := &hands{c: c, q: q, out: map[cairn.Position]*group.Delivery{}}
	in := interruptible(ctx, c.in)
	var reader sync.WaitGroup
	reader.Go(func() { cancel(h.read(in)) })
	defer reader.Wait()
	defer cancel(nil)
	for d, err := range group.Receive(ctx, s, name, o) {
		if errors.Is(err, errNoMoreOutcomes) {
			return nil
		}
		if err == nil {
			err = h.deliver(d)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// deliver prints a delivery.
func (h *hands) deliver(d *group.Delivery) error {
	h.mu.Lock()
	maps.DeleteFunc(h.out, func(_ cairn.Position, late *group.Delivery) bool { return time.Now().After(late.Deadline) })
	h.out[d.Position] = d
	h.mu.Unlock()
	deadline := d.Deadline.UTC().Truncate(time.Millisecond).Format(time.RFC3339Nano)
	line := fmt.Appendf(nil, `{"position":%d,"attempt":%d,"deadline":"%s","event":`, d.Position, d.Attempt, deadline)
	return h.c.writeJSON(append(ndjson.AppendPlaced(line, &d.Recorded), "}\n"...))
}

// read settles what lines say, until there are no more. One that makes no sense
// is an error: who sends it would wait for ever.
func (h *hands) read(in io.Reader) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		o, err := parseVerdict(lines.Bytes())
		if err != nil {
			return hinted(fmt.Errorf("line %d of standard input: %w", n, err), `an outcome is a line such as {"position":12,"outcome":"ack"}`)
		}
		if err := h.settle(o); err != nil {
			fmt.Fprintf(h.c.err, "line %d: %s\n", n, printable(message(err)))
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("standard input: %w", err)
	}
	return errNoMoreOutcomes
}

// settle settles a delivery. That it is too late is nothing to end for: the event
// is delivered again.
func (h *hands) settle(v verdict) error {
	h.mu.Lock()
	d := h.out[v.Position]
	delete(h.out, v.Position)
	h.mu.Unlock()
	if d == nil {
		return fmt.Errorf("no event at position %d waits for an outcome", v.Position)
	}
	if err := v.settle(d); err != nil {
		return fmt.Errorf("position %d: %w", v.Position, err)
	}
	if v.Outcome != "retry" && v.Outcome != "release" {
		h.q.settled()
	}
	return nil
}

// A verdict is what a line says came of a delivery.
type verdict struct {
	Position cairn.Position `json:"position"`
	Outcome  string         `json:"outcome"`
	After    string         `json:"after"`
	Reason   string         `json:"reason"`

	after time.Duration
}

// parseVerdict reads a line strictly.
func parseVerdict(line []byte) (v verdict, err error) {
	err = ndjson.Members(line, func(field string, value []byte) error {
		switch field {
		case "position":
			return json.Unmarshal(value, &v.Position)
		case "outcome":
			return json.Unmarshal(value, &v.Outcome)
		case "after":
			return json.Unmarshal(value, &v.After)
		case "reason":
			return json.Unmarshal(value, &v.Reason)
		}
		return fmt.Errorf("%.40q is not known here", field)
	})
	if err == nil && v.After != "" {
		v.after, err = time.ParseDuration(v.After)
	}
	switch {
	case err != nil:
		return v, err
	case v.Position == 0:
		return v, errors.New("position is missing")
	case v.after < 0:
		return v, fmt.Errorf("after %s is below 0", v.After)
	}
	return v, v.known()
}

func (v *verdict) known() error {
	switch v.Outcome {
	case "ack", "retry", "park", "skip", "release":
		return nil
	}
	return fmt.Errorf("outcome %.40q is not ack, retry, park, skip or release", v.Outcome)
}

func (v *verdict) settle(d *group.Delivery) error {
	var reason error
	if v.Reason != "" {
		reason = errors.New(v.Reason)
	}
	switch v.Outcome {
	case "retry":
		if v.After == "" {
			v.after = backoff(d.Attempt)
		}
		return d.Retry(v.after, reason)
	case "park":
		return d.Park(reason)
	case "skip":
		return d.Skip(v.Reason)
	case "release":
		return d.Release()
	}
	return d.Ack()
}
