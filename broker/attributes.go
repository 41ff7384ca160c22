package broker

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"github.com/cloudevents/sdk-go/v2/types"
)

// An attribute of an event, as text.
type attribute struct{ name, value string }

// attributes lists those of an event, the known ones first, then the extensions
// by name. It fails on an event that is not as the specification wants it.
func attributes(e *cloudevents.Event) ([]attribute, error) {
	c, ok := e.Context.(*cloudevents.EventContextV1)
	if !ok || c == nil || len(e.FieldErrors) > 0 {
		if err := e.Validate(); err != nil {
			return nil, flat(err)
		}
		c = e.Context.AsV1()
	}
	source := c.Source.String()
	if !valid(c, source) {
		return nil, flat(e.Validate())
	}
	all := append(make([]attribute, 0, 8+len(c.Extensions)),
		attribute{"specversion", cloudevents.CloudEventsVersionV1},
		attribute{"id", c.ID}, attribute{"source", source}, attribute{"type", c.Type})
	all = appendOptional(all, c)
	all, err := appendExtensions(all, c.Extensions)
	if err != nil {
		return nil, err
	}
	return all, legal(all)
}

// valid is quicker than the SDK at finding nothing wrong, which is the rule.
func valid(c *cloudevents.EventContextV1, source string) bool {
	return strings.TrimSpace(c.ID) != "" && strings.TrimSpace(c.Type) != "" && strings.TrimSpace(source) != "" &&
		(c.Subject == nil || strings.TrimSpace(*c.Subject) != "") &&
		(c.DataContentType == nil || *c.DataContentType == cloudevents.ApplicationJSON || c.Validate() == nil) &&
		(c.DataSchema == nil || c.DataSchema.Validate())
}

// appendExtensions appends the extensions by name.
func appendExtensions(all []attribute, extensions map[string]any) ([]attribute, error) {
	if len(extensions) == 0 {
		return all, nil
	}
	for _, name := range slices.Sorted(maps.Keys(extensions)) {
		value, err := types.Format(extensions[name])
		if err != nil || !named(name) {
			return nil, fmt.Errorf("extension %q must have a name of a to z and 0 to 9 and a value of a known kind", name)
		}
		all = append(all, attribute{name, value})
	}
	return all, nil
}

// appendOptional appends those that not every event has.
func appendOptional(all []attribute, c *cloudevents.EventContextV1) []attribute {
	if c.Subject != nil {
		all = append(all, attribute{"subject", *c.Subject})
	}
	if c.Time != nil {
		all = append(all, attribute{"time", types.FormatTime(c.Time.Time)})
	}
	if c.DataSchema != nil {
		all = append(all, attribute{"dataschema", c.DataSchema.String()})
	}
	if c.DataContentType != nil {
		all = append(all, attribute{"datacontenttype", *c.DataContentType})
	}
	return all
}

// legal checks what the SDK does not: an attribute is Unicode text without
// control characters, and a time has a year of four digits.
func legal(all []attribute) error {
	for _, a := range all {
		if !plain(a.value) && (!utf8.ValidString(a.value) || strings.ContainsFunc(a.value, control)) {
			return fmt.Errorf("attribute %q must be text without control characters", a.name)
		}
		if a.name == "time" && !(a.value[0] >= '0' && a.value[0] <= '9' && a.value[4] == '-') {
			return fmt.Errorf("attribute %q must be of the years 0000 to 9999", a.name)
		}
	}
	return nil
}

// plain tells whether a value is of visible ASCII and spaces, as most are.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// control tells the characters that the specification bans.
func control(r rune) bool { return r < 0x20 || r >= 0x7f && r < 0xa0 }

// named tells whether a name is one that an attribute may have.
func named(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
}

// flat puts the SDK's error in one line, always the same.
func flat(err error) error {
	v, ok := errors.AsType[cloudevents.ValidationError](err)
	if !ok {
		return err
	}
	var all []string
	for _, name := range slices.Sorted(maps.Keys(v)) {
		all = append(all, fmt.Sprintf("attribute %q: %v", name, v[name]))
	}
	return errors.New(strings.Join(all, "; "))
}
