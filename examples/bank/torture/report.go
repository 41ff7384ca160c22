package torture

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/examples/bank/account"
)

// A Report says what was done to a store that has passed.
type Report struct {
	Seed uint64        `json:"seed"`
	Took time.Duration `json:"took"`

	Turns int `json:"turns"`
	Kills int `json:"kills"` // turns ended by SIGKILL
	Early int `json:"early"` // of these, before the workers were at work
	Clean int `json:"clean"` // turns ended in good order

	Acknowledged uint64 `json:"acknowledged"` // transfers and changes answered
	Transfers    uint64 `json:"transfers"`    // stored
	Changes      uint64 `json:"changes"`      // stored
	Again        uint64 `json:"again"`        // transfers made again after a turn
	Intruders    int    `json:"intruders"`    // refused
	Audits       int    `json:"audits"`       // passed, the last one included

	Events  uint64         `json:"events"`
	Head    cairn.Position `json:"head"`
	Total   account.Money  `json:"total"`
	Reopens Reopens        `json:"reopens"`
	Verify  string         `json:"verify,omitempty"` // what Config.Verify said
}

// Reopens say how long it took to open the store after a kill.
type Reopens struct {
	Count  int           `json:"count"`
	Median time.Duration `json:"median"`
	Max    time.Duration `json:"max"`
}

func reopens(all []time.Duration) Reopens {
	if len(all) == 0 {
		return Reopens{}
	}
	slices.Sort(all)
	return Reopens{Count: len(all), Median: all[len(all)/2], Max: all[len(all)-1]}
}

// Write writes the report for people.
func (r Report) Write(w io.Writer) error {
	_, err := fmt.Fprintf(w, `
  turns          %d in %v: %d killed (%d of them before they were at work), %d ended in good order
  stored         %d transfers, %d changes of money, %d events
  acknowledged   %d, each found where it was said to be, and no transfer twice
  made again     %d transfers after a kill or stop, under the same ID
  intruders      %d, all refused
  reopened       %d times after a kill: median %v, longest %v
  audits         %d passed, the last one of every event
  total          %v, from the first to the last
`, r.Turns, r.Took.Round(time.Millisecond), r.Kills, r.Early, r.Clean, r.Transfers, r.Changes, r.Events,
		r.Acknowledged, r.Again, r.Intruders, r.Reopens.Count, r.Reopens.Median.Round(time.Microsecond),
		r.Reopens.Max.Round(time.Microsecond), r.Audits, r.Total)
	if err == nil && r.Verify != "" {
		_, err = fmt.Fprintf(w, "  verified       %s\n", r.Verify)
	}
	return err
}
