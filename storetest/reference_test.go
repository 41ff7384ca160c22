package storetest

import (
	"testing"

	"github.com/cairndb/cairn"
)

func TestReferenceKeepsTheContract(t *testing.T) {
	Run(t, Config{
		Open:   func(*testing.T) cairn.Store { return NewReference() },
		Reopen: func(_ *testing.T, s cairn.Store) cairn.Store { return reopen(s) },
	})
}

// reopen closes a reference store and opens one that holds the same.
func reopen(s cairn.Store) cairn.Store {
	old := s.(*reference)
	if err := old.Close(); err != nil {
		panic(err)
	}
	fresh := NewReference().(*reference)
	fresh.id, fresh.log, fresh.clock = old.id, old.log, old.clock
	fresh.streams, fresh.keys, fresh.known = old.streams, old.keys, old.known
	return fresh
}
