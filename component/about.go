package component

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/cairndb/cairn"
)

// The limits of an [About].
const (
	MaxText  = 256 // bytes of each text
	MaxNames = 100 // names in each list
)

// An About says what a part of a system is and does. All of it is for people, and
// all of it may be missing. The zero About says nothing.
type About struct {
	// Kind is what it is: "relay", "saga", "subscriber", "handler", or what
	// those who read it call it. Service is the program, or what else it belongs
	// to.
	Kind    string `json:"kind,omitempty"`
	Service string `json:"service,omitempty"`

	// Via is the broker through which it hears and tells: "nats", or "log".
	// Hears are the topics that it receives from, Tells those that it publishes
	// to, and Types what it publishes, or sends as commands.
	Via   string   `json:"via,omitempty"`
	Hears []string `json:"hears,omitempty"`
	Tells []string `json:"tells,omitempty"`
	Types []string `json:"types,omitempty"`

	// Writes are the categories of the streams that it appends to.
	Writes []string `json:"writes,omitempty"`
}

// IsZero reports whether it says nothing.
func (a About) IsZero() bool { return a.Equal(About{}) }

// Equal reports whether two say the same.
func (a About) Equal(b About) bool {
	return a.Kind == b.Kind && a.Service == b.Service && a.Via == b.Via &&
		slices.Equal(a.Hears, b.Hears) && slices.Equal(a.Tells, b.Tells) &&
		slices.Equal(a.Types, b.Types) && slices.Equal(a.Writes, b.Writes)
}

// Validate checks it against the limits. The error is a [*cairn.InvalidError] that
// names the field.
func (a About) Validate() error {
	for field, text := range map[string]string{"kind": a.Kind, "service": a.Service, "via": a.Via} {
		if err := checkText("about."+field, text); err != nil {
			return err
		}
	}
	for field, list := range map[string][]string{"hears": a.Hears, "tells": a.Tells, "types": a.Types, "writes": a.Writes} {
		if err := checkNames("about."+field, list); err != nil {
			return err
		}
	}
	return nil
}

func checkNames(field string, list []string) error {
	if len(list) > MaxNames {
		return &cairn.InvalidError{Field: field, Problem: "has more than 100 names", Limit: MaxNames}
	}
	for i, name := range list {
		field := fmt.Sprintf("%s[%d]", field, i)
		if name == "" {
			return &cairn.InvalidError{Field: field, Problem: "must not be empty"}
		}
		if err := checkText(field, name); err != nil {
			return err
		}
	}
	return nil
}

func checkText(field, text string) error {
	switch {
	case len(text) > MaxText:
		return &cairn.InvalidError{Field: field, Problem: "is longer than 256 bytes", Limit: MaxText}
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl):
		return &cairn.InvalidError{Field: field, Problem: "must be UTF-8 without control characters"}
	}
	return nil
}

// Or is a with b's values where a has none: what somebody has said, and else what
// is known anyway.
func (a About) Or(b About) About {
	for _, f := range []struct {
		to   *string
		from string
	}{{&a.Kind, b.Kind}, {&a.Service, b.Service}, {&a.Via, b.Via}} {
		if *f.to == "" {
			*f.to = f.from
		}
	}
	for _, f := range []struct {
		to   *[]string
		from []string
	}{{&a.Hears, b.Hears}, {&a.Tells, b.Tells}, {&a.Types, b.Types}, {&a.Writes, b.Writes}} {
		if *f.to == nil {
			*f.to = f.from
		}
	}
	return a
}

// Names makes a list for an About of names that were not made for one: sorted,
// each once, without those that it may not have, and no more than it may.
func Names(all []string) []string {
	names := slices.DeleteFunc(slices.Clone(all), func(s string) bool { return s == "" || checkText("", s) != nil })
	slices.Sort(names)
	names = slices.Compact(names)
	return names[:min(len(names), MaxNames)]
}
