package broker_test

import (
	"testing"

	"github.com/cairndb/cairn/broker"
)

func TestEscapeHeader(t *testing.T) {
	for value, want := range map[string]string{
		"": "", "plain-ASCII~": "plain-ASCII~", "a b": "a%20b", `"q"`: "%22q%22", "100%": "100%25",
		"ü": "%C3%BC", "€": "%E2%82%AC", "\n\x7f": "%0A%7F", "\xff": "%FF",
	} {
		if got := broker.EscapeHeader(value); got != want {
			t.Errorf("%q is escaped as %q, want %q", value, got, want)
		}
	}
}

func TestUnescapeHeader(t *testing.T) {
	for value, want := range map[string]string{
		"": "", "x": "x", "a%20b": "a b", "%e2%82%ac": "€", "100%": "100%", "%4": "%4", "%zz%41": "%zzA",
		`"quoted \" text"`: `quoted " text`, `"`: `"`, "%FF": "%FF", "a b": "a b",
	} {
		if got := broker.UnescapeHeader(value); got != want {
			t.Errorf("%q is %q, want %q", value, got, want)
		}
	}
}
