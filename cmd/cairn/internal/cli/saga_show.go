package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/saga"
)

// A sagaInstance is an instance as JSON.
type sagaInstance struct {
	Saga         string      `json:"saga"`
	ID           string      `json:"id"`
	Status       string      `json:"status"`
	Reason       string      `json:"reason,omitempty"`
	Started      *time.Time  `json:"started,omitempty"`
	Since        *time.Time  `json:"since,omitempty"`
	Steps        int         `json:"steps"`
	Timers       []sagaTimer `json:"timers,omitempty"`
	Parked       string      `json:"parked,omitempty"`
	ParkedEvents int         `json:"parked_events,omitempty"`
	History      []sagaStep  `json:"history,omitempty"`
}

type sagaTimer struct {
	Name string    `json:"name"`
	Due  time.Time `json:"due"`
}

type sagaSent struct {
	Stream string   `json:"stream"`
	Type   string   `json:"type"`
	ID     cairn.ID `json:"id"`
}

type sagaStep struct {
	Revision cairn.Revision `json:"revision"`
	Time     time.Time      `json:"time"`
	Stream   string         `json:"stream"`
	At       cairn.Revision `json:"at"`
	Type     string         `json:"type"`
	Sent     []sagaSent     `json:"sent,omitempty"`
	Undone   int            `json:"undone,omitempty"`
	Set      []sagaTimer    `json:"set,omitempty"`
	Cancel   []string       `json:"cancel,omitempty"`
	Reason   string         `json:"reason,omitempty"`
	Ended    bool           `json:"ended,omitempty"`
}

func newSagaShow(c *console, g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "show NAME ID",
		Short: "Show an instance: how it stands, and what it did about which event",
		Args:  exactly("NAME", "ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withStore(cmd.Context(), g, reading(), func(s cairn.Store) error {
				in, err := saga.Get(cmd.Context(), s, args[0], args[1])
				switch {
				case err != nil:
					return err
				case g.json:
					return c.printJSON(instanceJSON(&in, true))
				}
				return showInstance(c, &in)
			})
		},
	}
}

func instanceJSON(in *saga.Instance, history bool) sagaInstance {
	j := sagaInstance{Saga: in.Saga, ID: in.ID, Status: string(in.Status), Reason: in.Reason, Steps: len(in.Steps),
		Timers: timersJSON(in.Timers), Parked: in.Parked, ParkedEvents: in.ParkedEvents}
	if len(in.Steps) > 0 {
		j.Started, j.Since = &in.Started, &in.Since
	}
	for i := 0; history && i < len(in.Steps); i++ {
		s := &in.Steps[i]
		step := sagaStep{s.Revision, s.Time, s.Cause.Stream, s.Cause.Revision, s.Cause.Type, nil, s.Undone, timersJSON(s.Set), s.Cancel, s.Reason, s.Ended}
		for _, m := range s.Sent {
			step.Sent = append(step.Sent, sagaSent(m))
		}
		j.History = append(j.History, step)
	}
	return j
}

func timersJSON(all []saga.Waiting) (timers []sagaTimer) {
	for _, w := range all {
		timers = append(timers, sagaTimer(w))
	}
	return timers
}

func showInstance(c *console, in *saga.Instance) error {
	facts := []fact{{"saga", printable(in.Saga)}, {"id", printable(in.ID)}, {"status", string(in.Status)}}
	if in.Reason != "" {
		facts = append(facts, fact{"because", printable(in.Reason)})
	}
	if len(in.Steps) > 0 {
		facts = append(facts, fact{"started", in.Started.UTC().Format(time.DateTime)}, fact{"since", in.Since.UTC().Format(time.DateTime)})
	}
	if in.ParkedEvents > 0 {
		facts = append(facts, fact{"parked", counted(in.ParkedEvents, "event", "events")})
	}
	if w := waitsFor(in); w != "" {
		facts = append(facts, fact{"waits for", printable(w)})
	}
	if err := printFacts(c, c.out, facts); err != nil {
		return err
	}
	for i := range in.Steps {
		showStep(c, &in.Steps[i])
	}
	return nil
}

// showStep prints what came, and below it what came of it.
func showStep(c *console, s *saga.Step) {
	fmt.Fprintf(c.out, "\n%s  %s  %s@%d\n", s.Time.UTC().Format(time.DateTime), printable(s.Cause.Type), printable(s.Cause.Stream), s.Cause.Revision)
	if s.Reason != "" {
		fmt.Fprintf(c.out, "  goes back: %s\n", printable(s.Reason))
	}
	for i, m := range s.Sent {
		what := "sends"
		if i < s.Undone {
			what = "undoes"
		}
		fmt.Fprintf(c.out, "  %s %s to %s\n", what, printable(m.Type), printable(m.Stream))
	}
	for _, w := range s.Set {
		fmt.Fprintf(c.out, "  sets %s for %s\n", printable(w.Name), w.Due.UTC().Format(time.DateTime))
	}
	if len(s.Cancel) > 0 {
		fmt.Fprintf(c.out, "  cancels %s\n", printable(strings.Join(s.Cancel, ", ")))
	}
	if s.Ended {
		fmt.Fprintln(c.out, "  ends")
	}
}
