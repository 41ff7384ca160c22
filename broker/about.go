package broker

import "github.com/cairndb/cairn/component"

// ViaOf is what a [Publisher] or [Subscriber] calls its broker, such as "nats", for
// a [component.About]. It is empty if that has no method Via() string; whoever wraps
// one that has may hand it on.
func ViaOf(carrier any) string {
	if c, ok := carrier.(interface{ Via() string }); ok {
		return c.Via()
	}
	return ""
}

// about describes the relay: what is said of its group, and else what it knows.
func (o *RelayOptions) about() component.About {
	known := component.About{Kind: "relay", Via: ViaOf(o.Publisher)}
	if o.Contract != nil {
		var types, topics []string
		for _, t := range o.Contract.Types() {
			types, topics = append(types, t.Name), append(topics, t.Topic)
		}
		known.Types, known.Tells = component.Names(types), component.Names(topics)
	}
	return o.Group.About.Or(known)
}
