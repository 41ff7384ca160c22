package redistarget

import (
	"bufio"
	"context"
	"strings"
)

// checkEviction refuses a Redis that could remove the ledger. It asks until it has
// been told once; a Redis that does not tell is believed.
func (t *Target) checkEviction(ctx context.Context) error {
	if t.safe.Load() {
		return nil
	}
	info, err := t.client.Info(ctx, "memory").Result()
	if err == nil && evicts(info) {
		return ErrEvicts
	}
	t.safe.Store(err == nil)
	return nil
}

// evicts reads the section "memory" of INFO: lines of a name, a colon and a value.
func evicts(info string) bool {
	values := map[string]string{}
	for lines := bufio.NewScanner(strings.NewReader(info)); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), ":")
		values[name] = strings.TrimSpace(value)
	}
	limited := values["maxmemory"] != "" && values["maxmemory"] != "0"
	return limited && strings.HasPrefix(values["maxmemory_policy"], "allkeys")
}
