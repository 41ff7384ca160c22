package cli

import (
	"fmt"
	"testing"

	"github.com/cairndb/cairn/component"
)

// TestSaid: what a group says of itself is shown, and what it does not say is not.
func TestSaid(t *testing.T) {
	for want, about := range map[string]component.About{
		"[]":                               {},
		"[{is relay}]":                     {Kind: "relay"},
		"[{is of shop} {tells a, b}]":      {Service: "shop", Tells: []string{"a", "b"}},
		"[{is relay of shop} {via nats}]":  {Kind: "relay", Service: "shop", Via: "nats"},
		"[{hears x} {types t} {writes w}]": {Hears: []string{"x"}, Types: []string{"t"}, Writes: []string{"w"}},
	} {
		if got := fmt.Sprint(said(&about)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
