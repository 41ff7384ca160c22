package codec

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/cairndb/cairn"
)

// JSON makes a codec that stores events as [encoding/json] writes them.
//
// Fields that a stored event has and its Go type has not are ignored, so a
// field may be removed; fields that it lacks are zero, so a field may be added
// where zero is right for history. Anything else is a new version. An event
// without data is one of a type without fields.
//
// It panics if the registration makes no sense: no types or a nil one, two
// names for one type, a type and its pointer, a name with two meanings, an
// upcaster that leads nowhere or back to itself, a type that JSON cannot
// express or of whose fields it would keep none.
func JSON[E any](types Types[E], upcasters ...Upcaster) Codec[E] {
	return register(jsonWire{}, types, upcasters)
}

type jsonWire struct{}

func (jsonWire) format() cairn.Format { return cairn.JSON }

func (jsonWire) marshal(v any) ([]byte, error) { return json.Marshal(v) }

func (jsonWire) unmarshal(data []byte, t reflect.Type) (any, error) {
	if len(data) == 0 && plain(t) && pointed(t).NumField() == 0 {
		data = []byte("{}")
	}
	if plain(t) && bytes.Equal(bytes.TrimSpace(data), []byte("null")) {
		return nil, errors.New("the data is null") // which encoding/json takes for a zero event
	}
	target := reflect.New(pointed(t))
	if err := json.Unmarshal(data, target.Interface()); err != nil {
		return nil, err
	}
	if t.Kind() == reflect.Pointer {
		return target.Interface(), nil
	}
	return target.Elem().Interface(), nil
}

func (jsonWire) check(t reflect.Type) error {
	switch pointed(t).Kind() {
	case reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer:
		return fmt.Errorf("%v has no JSON encoding", t)
	case reflect.Pointer, reflect.Interface:
		return fmt.Errorf("%v points to no event", t)
	}
	if plain(t) && hidden(pointed(t)) {
		return fmt.Errorf("%v has no exported fields, so JSON would keep nothing of it", t)
	}
	return nil
}

// plain reports whether t is a struct that encoding/json takes apart itself.
func plain(t reflect.Type) bool {
	p := reflect.PointerTo(pointed(t))
	return pointed(t).Kind() == reflect.Struct &&
		!p.Implements(reflect.TypeFor[json.Unmarshaler]()) &&
		!p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// hidden reports whether a struct has fields, and none that JSON would see.
func hidden(t reflect.Type) bool {
	for i := range t.NumField() {
		if f := t.Field(i); f.IsExported() || f.Anonymous {
			return false
		}
	}
	return t.NumField() > 0
}
