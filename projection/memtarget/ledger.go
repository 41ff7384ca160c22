package memtarget

import (
	"cmp"
	"slices"
	"strings"

	"github.com/cairndb/cairn/projection"
)

// A ledger holds entries. They are put in order when somebody looks, because far
// more are put than looked for.
type ledger struct {
	values map[string]string
	keys   []string // in order; some may be gone
	fresh  []string // not among keys yet
	stale  bool     // some are gone
}

func newLedger() ledger { return ledger{values: map[string]string{}} }

// stands reports whether entries stand as expected.
func (l *ledger) stands(expect []projection.Entry) bool {
	for _, e := range expect {
		if l.values[e.Key] != e.Value {
			return false
		}
	}
	return true
}

func (l *ledger) put(entries []projection.Entry) {
	for _, e := range entries {
		_, there := l.values[e.Key]
		switch {
		case e.Value == "":
			delete(l.values, e.Key)
			l.stale = l.stale || there
		case !there:
			l.fresh = append(l.fresh, e.Key)
			fallthrough
		default:
			l.values[e.Key] = e.Value
		}
	}
}

// under lists the entries below a prefix.
func (l *ledger) under(prefix string) (found []projection.Entry) {
	l.sort()
	from, _ := slices.BinarySearchFunc(l.keys, prefix, cmp.Compare[string])
	for _, key := range l.keys[from:] {
		if !strings.HasPrefix(key, prefix) {
			break
		}
		found = append(found, projection.Entry{Key: key, Value: l.values[key]})
	}
	return found
}

func (l *ledger) sort() {
	if len(l.fresh) == 0 && !l.stale {
		return
	}
	l.keys = append(l.keys, l.fresh...)
	slices.Sort(l.keys) // is quick where most of it is in order
	l.keys = slices.DeleteFunc(slices.Compact(l.keys), func(key string) bool { return l.values[key] == "" })
	l.fresh, l.stale = l.fresh[:0], false
}
