package asyncapi

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"time"
)

// An Enum is a type of which only some values are valid: their JSON strings.
type Enum interface{ Enum() []string }

// A Schema is a type that knows its JSON Schema, draft 7, because it writes its
// own JSON.
type Schema interface{ JSONSchema() json.RawMessage }

var (
	typeTime      = reflect.TypeFor[time.Time]()
	typeRaw       = reflect.TypeFor[json.RawMessage]()
	typeNumber    = reflect.TypeFor[json.Number]()
	typeEnum      = reflect.TypeFor[Enum]()
	typeSchema    = reflect.TypeFor[Schema]()
	typeMarshaler = reflect.TypeFor[json.Marshaler]()
	typeText      = reflect.TypeFor[encoding.TextMarshaler]()
)

// A reflector makes a JSON Schema of what encoding/json makes of a type.
type reflector struct {
	names   *identifiers
	defined map[reflect.Type]string // the components, by type
	schemas object
	busy    map[reflect.Type]bool // unfinished types that are no components
}

func newReflector(taken string) *reflector {
	r := &reflector{names: newIdentifiers(), defined: map[reflect.Type]string{}, busy: map[reflect.Type]bool{}}
	r.names.get(taken, taken)
	return r
}

// components are the schemas of the named structs, in the order of discovery.
func (r *reflector) components() object { return r.schemas }

// schema is the schema of a type.
func (r *reflector) schema(t reflect.Type) (object, error) {
	if s, ok, err := special(t); ok || err != nil {
		return s, err
	}
	if t.Kind() == reflect.Struct && t.Name() != "" {
		return r.component(t)
	}
	if r.busy[t] {
		return object{}, nil // a type that holds itself, and is no struct
	}
	r.busy[t] = true
	defer delete(r.busy, t)
	return r.plain(t)
}

// special are the types whose JSON is not what their kind says.
func special(t reflect.Type) (object, bool, error) {
	switch {
	case implements(t, typeSchema):
		s, err := own(t)
		return s, true, err
	case implements(t, typeEnum):
		values := reflect.New(t).Interface().(Enum).Enum()
		return object{{"type", "string"}, {"enum", values}}, true, nil
	case t == typeTime:
		return object{{"type", "string"}, {"format", "date-time"}}, true, nil
	case t == typeNumber:
		return object{{"type", "number"}}, true, nil
	case t == typeRaw, implements(t, typeMarshaler):
		return object{}, true, nil // it may be anything
	case implements(t, typeText):
		return object{{"type", "string"}}, true, nil
	}
	return nil, false, nil
}

// implements asks whether a type or the pointer to it has methods.
func implements(t, methods reflect.Type) bool {
	return t.Kind() != reflect.Interface && t.Kind() != reflect.Pointer && reflect.PointerTo(t).Implements(methods)
}

// own is the schema that a type says it has.
func own(t reflect.Type) (object, error) {
	b := reflect.New(t).Interface().(Schema).JSONSchema()
	var members map[string]json.RawMessage
	if err := json.Unmarshal(b, &members); err != nil {
		return nil, fmt.Errorf("the schema of %v is not a JSON object: %w", t, err)
	}
	return object{{"allOf", []json.RawMessage{b}}}, nil
}

// component describes a named struct once, and refers to it.
func (r *reflector) component(t reflect.Type) (object, error) {
	id, ok := r.defined[t]
	if !ok {
		id = r.names.get("type "+t.PkgPath()+"."+t.Name(), t.Name())
		r.defined[t] = id
		at := len(r.schemas)
		r.schemas = append(r.schemas, member{id, nil})
		busy := r.busy
		r.busy = map[reflect.Type]bool{} // what leads back here ends here
		s, err := r.plain(t)
		r.busy = busy
		if err != nil {
			return nil, err
		}
		r.schemas[at].value = s
	}
	return ref("#/components/schemas/" + id), nil
}

// plain is the schema of what has no methods.
func (r *reflector) plain(t reflect.Type) (object, error) {
	switch k := t.Kind(); k {
	case reflect.Bool:
		return object{{"type", "boolean"}}, nil
	case reflect.String:
		return object{{"type", "string"}}, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return object{{"type", "integer"}}, nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return object{{"type", "integer"}, {"minimum", 0}}, nil
	case reflect.Float32, reflect.Float64:
		return object{{"type", "number"}}, nil
	case reflect.Interface:
		return object{}, nil
	case reflect.Pointer:
		return r.schema(t.Elem())
	case reflect.Slice, reflect.Array:
		return r.list(t)
	case reflect.Map:
		s, err := r.schema(t.Elem())
		return object{{"type", "object"}, {"additionalProperties", nullable(s, t.Elem())}}, err
	case reflect.Struct:
		return r.fields(t)
	default:
		return nil, fmt.Errorf("%v has no JSON", t)
	}
}

func (r *reflector) list(t reflect.Type) (object, error) {
	if t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 && !implements(t.Elem(), typeMarshaler) && !implements(t.Elem(), typeText) {
		return object{{"type", "string"}, {"contentEncoding", "base64"}}, nil
	}
	s, err := r.schema(t.Elem())
	o := object{{"type", "array"}, {"items", nullable(s, t.Elem())}}
	if t.Kind() == reflect.Array {
		o = append(o, member{"minItems", t.Len()}, member{"maxItems", t.Len()})
	}
	return o, err
}

// nullable allows null where a nil value of the type is written as that.
func nullable(s object, t reflect.Type) object {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
	default:
		return s
	}
	if len(s) == 0 {
		return s // anything is null too
	}
	typ, ok := s[0].value.(string)
	if s[0].name != "type" || !ok || len(s) > 1 && s[1].name == "enum" {
		return object{{"oneOf", []object{s, {{"type", "null"}}}}}
	}
	return append(object{{"type", []string{typ, "null"}}}, s[1:]...)
}
