package broker

import (
	"fmt"
	"maps"
	"net/url"
	"slices"

	cloudevents "github.com/cloudevents/sdk-go/v2/types"

	"github.com/cairndb/cairn"
)

// A Contract is what a service tells others: the types of its integration
// events, and in whose name it speaks. Nothing else leaves through a [Relay]. It
// never changes once it is made, and may be used concurrently.
type Contract struct {
	source  cloudevents.URIRef
	entries map[string]*entry
}

// NewContract makes a contract. The source is the CloudEvents source of all its
// events, a URI such as "https://shop.example.com/orders"; with it, the ID of an
// event is unique. The error, a [*cairn.InvalidError], names a source that is
// none, a type without a name or registered twice, and data that JSON cannot
// express.
func NewContract(source string, types ...Registered) (*Contract, error) {
	u, err := parseSource(source)
	if err != nil {
		return nil, err
	}
	c := &Contract{source: cloudevents.URIRef{URL: *u}, entries: map[string]*entry{}}
	for i, t := range types {
		if t == nil {
			return nil, &cairn.InvalidError{Field: fmt.Sprintf("types[%d]", i), Problem: "must not be nil"}
		}
		e, err := t.entry()
		if err != nil {
			return nil, fmt.Errorf("broker: types[%d] of the contract: %w", i, err)
		}
		if other := c.entries[e.Name]; other != nil {
			return nil, &cairn.InvalidError{Field: fmt.Sprintf("types[%d]", i), Problem: fmt.Sprintf("%q is registered already, for %v", e.Name, other.Data)}
		}
		c.entries[e.Name] = e
	}
	if len(types) == 0 {
		return nil, &cairn.InvalidError{Field: "types", Problem: "there are none"}
	}
	return c, nil
}

func parseSource(source string) (*url.URL, error) {
	u, err := url.Parse(source)
	switch {
	case source == "":
		return nil, &cairn.InvalidError{Field: "source", Problem: "must not be empty"}
	case err != nil:
		return nil, &cairn.InvalidError{Field: "source", Problem: "is no URI: " + err.Error()}
	case u.String() == "":
		return nil, &cairn.InvalidError{Field: "source", Problem: fmt.Sprintf("%q says nothing", source)}
	}
	return u, nil
}

// Source is the source of the contract's events.
func (c *Contract) Source() string { return c.source.String() }

// Types lists what is registered, by name.
func (c *Contract) Types() (all []EventTypeInfo) {
	for _, name := range slices.Sorted(maps.Keys(c.entries)) {
		all = append(all, c.entries[name].EventTypeInfo)
	}
	return all
}
