package saga

import (
	"errors"
	"strings"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/group"
)

// The limits of names. A longer one is refused with a [*cairn.InvalidError].
const (
	MaxName = 64  // bytes of the name of a saga or of a timer
	MaxID   = 256 // bytes of an instance's ID
)

// The types of the events of a history.
const (
	TypeStarted      = "saga.started"
	TypeStepped      = "saga.stepped"
	TypeCompensating = "saga.compensating"
	TypeEnded        = "saga.ended"
)

// names are those of a saga's streams.
type names string

func (n names) history(id string) string        { return historyCategory + "-" + string(n) + "-" + id }
func (n names) timeouts() string                { return "sagatimeout-" + string(n) + "-" }
func (n names) timeout(id string) string        { return n.timeouts() + id }
func (n names) timerKey(id, name string) string { return string(n) + "/" + name + "/" + id }
func (n names) census() string                  { return "sagarunning-" + string(n) }
func (n names) group() string                   { return "saga-" + string(n) }

// tag marks the first and the last event of each history.
func (n names) tag() string { return "saga:" + string(n) }

// historyCategory is the category of the histories of all sagas.
const historyCategory = "saga"

// anyTimeout begins the streams of the timeouts of all sagas.
const anyTimeout = "sagatimeout-"

func validateName(field, name string) error {
	switch {
	case name == "":
		return &cairn.InvalidError{Field: field, Problem: "must not be empty"}
	case len(name) > MaxName:
		return &cairn.InvalidError{Field: field, Problem: "is longer than 64 bytes", Limit: MaxName}
	case strings.ContainsAny(name, "-/"):
		return &cairn.InvalidError{Field: field, Problem: `must contain neither "-" nor "/"`}
	}
	return cairn.ValidateStream(field, name)
}

func validateID(id string) error {
	switch {
	case id == "":
		return &cairn.InvalidError{Field: "id", Problem: "must not be empty"}
	case len(id) > MaxID:
		return &cairn.InvalidError{Field: "id", Problem: "is longer than 256 bytes", Limit: MaxID}
	}
	return cairn.ValidateStream("id", id)
}

func validateTimer(name string) error {
	switch {
	case name == "":
		return &cairn.InvalidError{Field: "timer", Problem: "its name must not be empty"}
	case len(name) > MaxName:
		return &cairn.InvalidError{Field: "timer", Problem: "its name is longer than 64 bytes", Limit: MaxName}
	case strings.Contains(name, "/"):
		return &cairn.InvalidError{Field: "timer", Problem: `its name must not contain "/"`}
	}
	return cairn.ValidateStream("timer", name)
}

func (d *Definition[S, E, C]) validate() error {
	if err := validateName("name", d.Name); err != nil {
		return err
	}
	for field, missing := range map[string]bool{"events": d.Events == nil, "commands": d.Commands == nil, "correlate": d.Correlate == nil,
		"starts": d.Starts == nil, "evolve": d.Evolve == nil, "decide": d.Decide == nil} {
		if missing {
			return &cairn.InvalidError{Field: field, Problem: "must not be nil"}
		}
	}
	return d.Query.Validate()
}

// parkIfInvalid parks at once what would fail however often it were tried.
func parkIfInvalid(err error) error {
	if errors.Is(err, cairn.ErrInvalid) {
		return group.Park(err)
	}
	return err
}
