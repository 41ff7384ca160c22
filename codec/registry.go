package codec

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/cairndb/cairn"
)

// A wire is an encoding of single values.
type wire interface {
	format() cairn.Format
	// check reports why values of a type can never be encoded.
	check(reflect.Type) error
	marshal(any) ([]byte, error)
	// unmarshal returns a value of just the type, which passed check.
	unmarshal([]byte, reflect.Type) (any, error)
}

// A registry is a Codec over a wire. It never changes once it is made.
type registry[E any] struct {
	wire  wire
	names map[reflect.Type]string // of the current types
	forms map[string]form         // by stored name
}

// A form is what is stored under a name: a type, and the way to a current one.
type form struct {
	stored reflect.Type
	steps  []Upcaster
}

// register makes a codec. It panics if the registration makes no sense.
func register[E any](w wire, types Types[E], upcasters []Upcaster) *registry[E] {
	r := &registry[E]{wire: w, names: map[reflect.Type]string{}, forms: map[string]form{}}
	err := errors.Join(r.addTypes(types), r.addUpcasters(upcasters))
	if err == nil {
		err = cairn.ByType(r.Names()...).Validate()
	}
	if err != nil {
		panic(fmt.Sprintf("codec: registration of the events %v: %v", reflect.TypeFor[E](), err))
	}
	return r
}

func (r *registry[E]) addTypes(types Types[E]) error {
	if len(types) == 0 {
		return errors.New("no types are named")
	}
	taken := map[reflect.Type]string{} // without pointers
	for _, name := range slices.Sorted(maps.Keys(types)) {
		t := reflect.TypeOf(types[name])
		if t == nil {
			return fmt.Errorf("%q names a nil interface, which has no type", name)
		}
		if prev, ok := taken[pointed(t)]; ok {
			return fmt.Errorf("%v is named both %q and %q; for an older name give a Renamed", pointed(t), prev, name)
		}
		if err := r.wire.check(t); err != nil {
			return fmt.Errorf("%q: %w", name, err)
		}
		taken[pointed(t)], r.names[t], r.forms[name] = name, name, form{stored: t}
	}
	return nil
}

func (r *registry[E]) addUpcasters(all []Upcaster) error {
	for i := range all {
		u := &all[i]
		if err := u.validate(); err != nil {
			return err
		}
		if _, ok := r.forms[u.name]; ok {
			return fmt.Errorf("the name %q has two meanings", u.name)
		}
		if err := r.wire.check(u.from); err != nil {
			return fmt.Errorf("%q: %w", u.name, err)
		}
		steps, err := u.steps(all, r.current)
		if err != nil {
			return err
		}
		r.forms[u.name] = form{u.from, steps}
	}
	return nil
}

// current reports whether an upcast to t is at its end.
func (r *registry[E]) current(t reflect.Type) bool {
	_, ok := r.names[t]
	return ok || t == reflect.TypeFor[E]()
}

func (r *registry[E]) Names() []string { return slices.Sorted(maps.Keys(r.forms)) }

// pointed is the type that t points to, or t.
func pointed(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}
