package projection

import (
	"strings"
	"testing"
)

// Whatever stands in the ledger is read or refused, by the name of its key.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`{"position":1,"epoch":2}`, `{"store":"x"}`, `[]`, `{"active":1,"builds":[{"build":1,"lanes":99}]}`, "\x00", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		for _, into := range []any{new(deployment), new(Checkpoint), new(keyEntry), new(LeftOut)} {
			err := decode(Entry{"p/a/key", value}, into)
			if err != nil && !strings.Contains(err.Error(), `"p/a/key"`) {
				t.Errorf("%T: %v", into, err)
			}
			if err == nil {
				again := encode(into)
				if err := decode(Entry{"p/a/key", again}, into); err != nil {
					t.Errorf("%T: %s, which it was written as, cannot be read: %v", into, again, err)
				}
			}
		}
	})
}
