package codec

import (
	"encoding/json"
	"fmt"
	"reflect"
)

// An Upcaster turns an old form of an event, stored under a name of its own,
// into a newer form. It is made by [Upcast] or [Renamed].
type Upcaster struct {
	name     string
	from, to reflect.Type
	apply    func(any) (any, error)
}

// Upcast makes the upcaster of the events stored under name. Their data is
// decoded as an Old, which fn turns into a New: a type that the codec's Types
// name, the interface E itself if that depends on the data, or the Old of
// another upcaster, which then takes over. With JSON, Old may be
// [json.RawMessage] to look at the data as it was stored.
//
// The function must be pure: it runs at every read. Its error makes the event
// an [ErrUndecodable].
func Upcast[Old, New any](name string, fn func(Old) (New, error)) Upcaster {
	u := Upcaster{name: name, from: reflect.TypeFor[Old](), to: reflect.TypeFor[New]()}
	if fn == nil {
		return u
	}
	u.apply = func(v any) (any, error) {
		out, err := fn(v.(Old))
		if err != nil {
			return nil, fmt.Errorf("upcast from %v: %w", u.from, err)
		}
		return out, nil
	}
	return u
}

// Renamed makes an upcaster for events whose stored name was changed and whose
// form, T, was not.
func Renamed[T any](name string) Upcaster {
	return Upcast(name, func(v T) (T, error) { return v, nil })
}

// validate finds what makes an upcaster unusable whatever else is registered.
func (u *Upcaster) validate() error {
	switch {
	case u.from == nil:
		return fmt.Errorf("an upcaster is made by Upcast or Renamed")
	case u.apply == nil:
		return fmt.Errorf("the upcaster of %q has no function", u.name)
	case u.from.Kind() == reflect.Interface:
		return fmt.Errorf("the upcaster of %q takes the interface %v, as which no data can be decoded", u.name, u.from)
	case u.to == reflect.TypeFor[json.RawMessage]():
		return fmt.Errorf("the upcaster of %q returns raw JSON, which does not say what it is; return a type", u.name)
	}
	return nil
}

// steps returns the upcasters that lead from u to a type that is current.
func (u *Upcaster) steps(all []Upcaster, current func(reflect.Type) bool) ([]Upcaster, error) {
	path := []Upcaster{*u}
	for !current(path[len(path)-1].to) {
		next, err := path[len(path)-1].next(all)
		if err != nil {
			return nil, fmt.Errorf("the upcaster of %q leads nowhere: %w", u.name, err)
		}
		if path = append(path, next); len(path) > len(all) {
			return nil, fmt.Errorf("the upcaster of %q leads back to itself", u.name)
		}
	}
	return path, nil
}

// next returns the only upcaster that continues from u's result.
func (u *Upcaster) next(all []Upcaster) (Upcaster, error) {
	var found []Upcaster
	for _, v := range all {
		if v.from == u.to && v.to != u.to {
			found = append(found, v)
		}
	}
	switch len(found) {
	case 0:
		return Upcaster{}, fmt.Errorf("%v is neither named in Types nor taken by another upcaster", u.to)
	case 1:
		return found[0], nil
	}
	return Upcaster{}, fmt.Errorf("%v is taken by the upcasters of %q and %q", u.to, found[0].name, found[1].name)
}
