package asyncapi

import (
	"bytes"
	"encoding/json"
	"fmt"

	"go.yaml.in/yaml/v3"

	"github.com/cairndb/cairn/broker"
)

// JSON describes a contract as JSON. The error names what is missing in info, or
// the type that cannot be described. The same contract gives the same bytes.
func JSON(c *broker.Contract, info Info) ([]byte, error) {
	if err := info.validate(c); err != nil {
		return nil, err
	}
	d := &document{info: info, source: c.Source(), channels: newIdentifiers(), messages: newIdentifiers(), reflector: newReflector(cloudEvent)}
	for _, t := range c.Types() {
		if err := d.add(t); err != nil {
			return nil, fmt.Errorf("asyncapi: %s: %w", t.Name, err)
		}
	}
	b, err := json.Marshal(d.assemble())
	if err != nil {
		return nil, fmt.Errorf("asyncapi: %w", err)
	}
	var out bytes.Buffer
	err = json.Indent(&out, b, "", "  ")
	return append(out.Bytes(), '\n'), err
}

// YAML is JSON for people.
func YAML(c *broker.Contract, info Info) ([]byte, error) {
	b, err := JSON(c, info)
	if err != nil {
		return nil, err
	}
	var root yaml.Node
	if err := yaml.Unmarshal(b, &root); err != nil { // JSON is YAML
		return nil, fmt.Errorf("asyncapi: %w", err)
	}
	loosen(&root)
	var out bytes.Buffer
	e := yaml.NewEncoder(&out)
	e.SetIndent(2)
	if err := e.Encode(&root); err != nil {
		return nil, fmt.Errorf("asyncapi: %w", err)
	}
	return out.Bytes(), e.Close()
}

// loosen writes a node the way people do.
func loosen(n *yaml.Node) {
	n.Style = 0
	for _, c := range n.Content {
		loosen(c)
	}
}

// A document is one under construction.
type document struct {
	info               Info
	source             string
	channels, messages *identifiers
	reflector          *reflector
	order              []*channel
	components         object // messages
}

// A channel is a topic, and what is sent there.
type channel struct {
	id, address string
	messages    []string // their identifiers
}

func (d *document) channel(topic string) *channel {
	wish := topic
	if topic == "" {
		wish = "default"
	}
	id := d.channels.get("topic "+topic, wish)
	for _, c := range d.order {
		if c.id == id {
			return c
		}
	}
	c := &channel{id: id, address: topic}
	d.order = append(d.order, c)
	return c
}

// add adds a type of event.
func (d *document) add(t broker.EventTypeInfo) error {
	payload, err := d.reflector.schema(t.Data)
	if err != nil {
		return err
	}
	id := d.messages.get(t.Name, t.Name)
	m := object{{"name", t.Name}, {"title", t.Name}}
	m = m.with("description", t.Description).with("contentType", "application/json")
	m = append(m, member{"headers", d.headers(t.Name)}, member{"payload", nullable(payload, t.Data)})
	if t.Example != nil {
		m = append(m, member{"examples", []object{{{"name", "example"}, {"payload", t.Example}}}})
	}
	d.components = append(d.components, member{id, m})
	c := d.channel(t.Topic)
	c.messages = append(c.messages, id)
	return nil
}

func (d *document) assemble() object {
	info := object{{"title", d.info.Title}, {"version", d.info.Version}}.with("description", d.info.Description)
	channels, operations := object{}, object{}
	for _, c := range d.order {
		channels = append(channels, member{c.id, c.describe()})
		operations = append(operations, member{"send-" + c.id, c.operation()})
	}
	schemas := append(object{{cloudEvent, d.attributes()}}, d.reflector.components()...)
	components := object{{"messages", d.components}, {"schemas", schemas}}
	return object{{"asyncapi", "3.0.0"}, {"info", info}, {"defaultContentType", "application/json"}}.
		with("servers", d.servers()).with("channels", channels).with("operations", operations).with("components", components)
}

func (d *document) servers() (all object) {
	for _, s := range d.info.Servers {
		all = append(all, member{s.Name, object{{"host", s.Host}, {"protocol", s.Protocol}}.with("description", s.Description)})
	}
	return all
}

func (c *channel) describe() object {
	var address any
	if c.address != "" {
		address = c.address
	}
	messages := object{}
	for _, id := range c.messages {
		messages = append(messages, member{id, ref("#/components/messages/" + id)})
	}
	return object{{"address", address}, {"messages", messages}}
}

func (c *channel) operation() object {
	var messages []object
	for _, id := range c.messages {
		messages = append(messages, ref("#/channels/"+c.id+"/messages/"+id))
	}
	return object{{"action", "send"}, {"channel", ref("#/channels/" + c.id)}, {"messages", messages}}
}
