package broker_test

import (
	"testing"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/component"
	"github.com/cairndb/cairn/group"
)

// A relay says what it is by itself, and leaves what was said of it.
func TestRelaysDescribeThemselves(t *testing.T) {
	relayed(t, func(d *desk) {
		d.o.Publisher = d.broker.Publisher()
		d.o.Group.About = component.About{Service: "shop", Writes: []string{"none"}}
		d.run()()
		s, err := group.Status(d.Context(), d.store, "r")
		if err != nil {
			d.Fatal(err)
		}
		var types []string
		for _, e := range d.o.Contract.Types() {
			types = append(types, e.Name)
		}
		equal(d, "about", s.About, component.About{
			Kind: "relay", Service: "shop", Via: "memory", Tells: []string{"orders"}, Types: types, Writes: []string{"none"},
		})
	})
}

func TestViaOf(t *testing.T) {
	m := broker.NewMemory(broker.MemoryOptions{})
	equal(t, "publisher", broker.ViaOf(m.Publisher()), "memory")
	equal(t, "subscriber", broker.ViaOf(m.Subscriber("t", broker.MemorySubscription{Name: "n"})), "memory")
	equal(t, "another", broker.ViaOf(moody(nil)), "")
	equal(t, "nothing", broker.ViaOf(nil), "")
}
