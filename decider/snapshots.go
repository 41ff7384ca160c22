package decider

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"reflect"

	"github.com/cairndb/cairn/decider/snapshot"
)

// Snapshots are the settings of a cache of states.
//
// A state is kept as bytes, and only if decoding them gives an equal state: one
// with unexported fields, of which the default encoding would keep nothing, is
// therefore not kept, which the Logger is told.
type Snapshots[S any] struct {
	// Store keeps them: see [snapshot.NewMemory] and [snapshot.NewStreams].
	Store snapshot.Store

	// Every is how many events to fold before the state is kept anew. Zero
	// means 100.
	Every int

	// Version has to change when evolve does: states folded by the old function
	// are then not used. A change of the type S, or of the names that the codec
	// knows, needs no new version, because it is noticed.
	Version int

	// Marshal and Unmarshal encode states. Nil means as JSON.
	Marshal   func(S) ([]byte, error)
	Unmarshal func([]byte) (S, error)

	// Equal compares a state with its decoded copy. Nil means
	// [reflect.DeepEqual].
	Equal func(a, b S) bool
}

// withDefaults returns a copy without nil functions; nil if there is nothing to
// keep snapshots in.
func (o *Snapshots[S]) withDefaults() *Snapshots[S] {
	if o == nil || o.Store == nil {
		return nil
	}
	all := *o
	if all.Every < 0 {
		panic("decider: options must not be negative")
	}
	if all.Every == 0 {
		all.Every = 100
	}
	if all.Marshal == nil {
		all.Marshal = func(s S) ([]byte, error) { return json.Marshal(s) }
	}
	if all.Unmarshal == nil {
		all.Unmarshal = func(b []byte) (s S, err error) { return s, json.Unmarshal(b, &s) }
	}
	if all.Equal == nil {
		all.Equal = func(a, b S) bool { return reflect.DeepEqual(a, b) }
	}
	return &all
}

// version names what states depend on besides their events.
func (o *Snapshots[S]) version(names []string) string {
	if o == nil {
		return ""
	}
	h := fnv.New64a()
	describe(h, reflect.TypeFor[S](), map[reflect.Type]bool{})
	fmt.Fprintf(h, "%q", names)
	return fmt.Sprintf("%d-%016x", o.Version, h.Sum64())
}

// copy encodes a state and makes sure that it would come back.
func (o *Snapshots[S]) copy(state S) ([]byte, error) {
	b, err := o.Marshal(state)
	if err != nil {
		return nil, err
	}
	back, err := o.Unmarshal(b)
	if err != nil {
		return nil, err
	}
	if !o.Equal(state, back) {
		return nil, fmt.Errorf("a %T does not survive its encoding; export its fields, or set Marshal, Unmarshal and Equal", state)
	}
	return b, nil
}
