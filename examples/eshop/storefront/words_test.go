package storefront

import (
	"strings"
	"testing"
)

func TestEuros(t *testing.T) {
	for cents, want := range map[int64]string{0: "€0.00", 5: "€0.05", 99999: "€999.99", 100000: "€1,000.00", 123456789: "€1,234,567.89", -150: "€-1.50"} {
		if got := euros(cents); got != want {
			t.Errorf("euros(%d) = %s, want %s", cents, got, want)
		}
	}
}

func TestStars(t *testing.T) {
	for tenths, want := range map[int64]string{0: "☆☆☆☆☆", 10: "★☆☆☆☆", 45: "★★★★☆", 46: "★★★★★", 50: "★★★★★", -3: "☆☆☆☆☆", 99: "★★★★★"} {
		if got := stars(tenths); got != want {
			t.Errorf("stars(%d) = %s, want %s", tenths, got, want)
		}
	}
}

func TestSteps(t *testing.T) {
	states := func(o order) (all string) {
		for _, s := range o.Steps() {
			all += map[string]string{"done": "d", "here": "h", "to come": ".", "failed": "x"}[s.State]
		}
		return all
	}
	for _, c := range []struct {
		o    order
		want string
	}{
		{order{Status: "new"}, "......"},
		{order{Status: "created"}, "h....."},
		{order{Status: "validation pending"}, "ddh..."},
		{order{Status: "allocated"}, "dddddd"},
		{order{Status: "payment exception"}, "dx...."},
		{order{Status: "validation exception"}, "dddx.."},
		{order{Status: "failed", Stage: "allocation"}, "dddddx"},
		{order{Status: "cancelled"}, "x....."},
	} {
		if got := states(c.o); got != c.want {
			t.Errorf("%+v: %s, want %s", c.o, got, c.want)
		}
	}
}

func TestPretty(t *testing.T) {
	if got := pretty([]byte(`{"a":[1]}`)); got != "{\n  \"a\": [\n    1\n  ]\n}" {
		t.Errorf("pretty = %q", got)
	}
	if got := pretty([]byte(`{"a`)); got != `{"a` {
		t.Errorf("what is no JSON = %q", got)
	}
	deep := strings.Repeat("[", 5000) + strings.Repeat("]", 5000)
	if got := pretty([]byte(deep)); got != deep {
		t.Errorf("what is deep has %d bytes", len(got))
	}
	long := pretty([]byte(`"` + strings.Repeat("é", 20<<10) + `"`))
	if len(long) > maxShown+8 || !strings.HasSuffix(long, "é …") {
		t.Errorf("what is long has %d bytes and ends %q", len(long), long[len(long)-8:])
	}
}
