package codec

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/cairndb/cairn"
)

func (r *registry[E]) Encode(e E) (cairn.Event, error) {
	name, err := r.nameOf(e)
	if err != nil {
		return cairn.Event{}, &EncodeError{GoType: fmt.Sprintf("%T", e), Reason: ErrUnknownType, Err: err}
	}
	event := cairn.Event{Type: name, Format: r.wire.format()}
	if isNil(e) {
		err = errors.New("the event is nil")
	} else {
		event.Data, err = r.wire.marshal(e)
	}
	if err != nil {
		return cairn.Event{}, &EncodeError{GoType: fmt.Sprintf("%T", e), Name: name, Reason: ErrUnencodable, Err: err}
	}
	if t, ok := any(e).(Tagged); ok {
		event.Tags = t.Tags()
	}
	return event, nil
}

func (r *registry[E]) nameOf(e any) (string, error) {
	t := reflect.TypeOf(e)
	if name, ok := r.names[t]; ok {
		return name, nil
	}
	if t == nil {
		return "", errors.New("a nil event has no type")
	}
	for known, name := range r.names {
		if pointed(known) == pointed(t) {
			return "", fmt.Errorf("%q is the type %v", name, known)
		}
	}
	return "", errors.New("it is not named in the codec's Types")
}

func (r *registry[E]) Decode(rec cairn.Recorded) (E, error) {
	var none E
	f, ok := r.forms[rec.Type]
	if !ok {
		return none, failed(&rec, ErrUnknownType, nil)
	}
	v, err := r.newest(f, &rec)
	if err != nil {
		return none, failed(&rec, ErrUndecodable, err)
	}
	return v.(E), nil
}

// newest decodes a stored form and leads it to a current one.
func (r *registry[E]) newest(f form, rec *cairn.Recorded) (any, error) {
	if own := r.wire.format(); rec.Format != own && rec.Format != cairn.Binary {
		return nil, fmt.Errorf("the data is %v, not %v", rec.Format, own)
	}
	v, err := r.wire.unmarshal(rec.Data, f.stored)
	for i := 0; i < len(f.steps) && err == nil; i++ {
		v, err = f.steps[i].apply(v)
	}
	if err == nil && len(f.steps) > 0 {
		err = r.accept(v)
	}
	return v, err
}

// accept checks the result of an upcast, of which a function signature cannot
// promise everything.
func (r *registry[E]) accept(v any) error {
	if _, ok := r.names[reflect.TypeOf(v)]; !ok {
		return fmt.Errorf("upcast to %T, which is not named in the codec's Types", v)
	}
	if isNil(v) {
		return fmt.Errorf("upcast to a nil %T", v)
	}
	return nil
}

func failed(rec *cairn.Recorded, reason, cause error) error {
	return &DecodeError{
		Type: rec.Type, Stream: rec.Stream, Revision: rec.Revision, Position: rec.Position,
		Reason: reason, Err: cause,
	}
}

func isNil(v any) bool {
	p := reflect.ValueOf(v)
	return p.Kind() == reflect.Pointer && p.IsNil()
}
