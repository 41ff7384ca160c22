package asyncapi

import (
	"fmt"
	"strings"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
)

// Info is what a document says besides the contract.
type Info struct {
	Title       string // of the service; must not be empty
	Version     string // of the contract; must not be empty
	Description string

	// Servers are the brokers where the events are. There may be none.
	Servers []Server

	// HeaderPrefix is what the broker's binding of CloudEvents has before the
	// name of an attribute: "ce-" for NATS and HTTP, "ce_" for Kafka,
	// "cloudEvents:" for AMQP, nothing for MQTT.
	HeaderPrefix string
}

// A Server is a broker.
type Server struct {
	Name        string // letters, digits, "-" and "_"
	Host        string // with its port: "nats.example.com:4222"
	Protocol    string // "nats", "kafka", "amqp", "mqtt5", "https"
	Description string
}

func (i *Info) validate(c *broker.Contract) error {
	switch {
	case c == nil:
		return &cairn.InvalidError{Field: "contract", Problem: "must be set"}
	case i.Title == "":
		return &cairn.InvalidError{Field: "title", Problem: "must not be empty"}
	case i.Version == "":
		return &cairn.InvalidError{Field: "version", Problem: "must not be empty"}
	}
	seen := map[string]bool{}
	for n, s := range i.Servers {
		if s.Name == "" || identifier(s.Name) != s.Name || s.Host == "" || s.Protocol == "" {
			return &cairn.InvalidError{Field: fmt.Sprintf("servers[%d]", n), Problem: `must have a name of letters, digits, "-" and "_", a host and a protocol`}
		}
		if seen[s.Name] {
			return &cairn.InvalidError{Field: fmt.Sprintf("servers[%d]", n), Problem: fmt.Sprintf("%q is there twice", s.Name)}
		}
		seen[s.Name] = true
	}
	for _, t := range c.Types() {
		if strings.ContainsAny(t.Topic, "{}") {
			return &cairn.InvalidError{Field: "topic of " + t.Name, Problem: fmt.Sprintf("%q has braces, which mean parameters in AsyncAPI", t.Topic)}
		}
	}
	return nil
}

// identifier is a name in the letters that AsyncAPI allows for the keys of its
// components.
func identifier(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '-', r == '_':
			return r
		}
		return '-'
	}, name)
}

// identifiers hands out identifiers, a different one for each name.
type identifiers struct {
	of    map[string]string // by name
	taken map[string]bool
}

func newIdentifiers() *identifiers {
	return &identifiers{of: map[string]string{}, taken: map[string]bool{}}
}

// get is the identifier of a name; wish is what it should be.
func (i *identifiers) get(name, wish string) string {
	if id, ok := i.of[name]; ok {
		return id
	}
	id := identifier(wish)
	for n := 2; i.taken[id]; n++ {
		id = fmt.Sprintf("%s-%d", identifier(wish), n)
	}
	i.of[name], i.taken[id] = id, true
	return id
}
