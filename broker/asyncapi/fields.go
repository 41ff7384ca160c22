package asyncapi

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
)

// A field is a member of the JSON of a struct.
type field struct {
	reflect.StructField
	name     string
	tagged   bool
	depth    int  // of embedding
	optional bool // may be missing
	omitted  bool // is missing where it would be null
	quoted   bool // written as a string
}

// fields is the schema of a struct.
func (r *reflector) fields(t reflect.Type) (object, error) {
	properties, required := object{}, []string{}
	for _, f := range members(t) {
		s, err := r.schema(f.Type)
		if err != nil {
			return nil, err
		}
		if f.quoted {
			s = object{{"type", "string"}}
		}
		if !f.omitted {
			s = nullable(s, f.Type)
		}
		if doc := f.Tag.Get("doc"); doc != "" {
			s = described(s, doc)
		}
		properties = append(properties, member{f.name, s})
		if !f.optional {
			required = append(required, f.name)
		}
	}
	return object{{"type", "object"}}.with("properties", properties).with("required", required), nil
}

// described adds a description. One beside a reference would be ignored.
func described(s object, doc string) object {
	if len(s) > 0 && s[0].name == "$ref" {
		s = object{{"allOf", []object{s}}}
	}
	return append(s, member{"description", doc})
}

// members are the fields that encoding/json writes, in its order: of those with
// one name the least deeply embedded, or the only one with a tag, or none.
func members(t reflect.Type) (all []field) {
	byName := map[string][]field{}
	var names []string
	for _, f := range collect(t, 0, false, map[reflect.Type]bool{}) {
		if byName[f.name] == nil {
			names = append(names, f.name)
		}
		byName[f.name] = append(byName[f.name], f)
	}
	for _, name := range names {
		if f, ok := dominant(byName[name]); ok {
			all = append(all, f)
		}
	}
	return all
}

func dominant(all []field) (field, bool) {
	slices.SortStableFunc(all, func(a, b field) int {
		if a.depth == b.depth && a.tagged != b.tagged {
			if a.tagged {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.depth, b.depth)
	})
	if len(all) > 1 && all[0].depth == all[1].depth && all[0].tagged == all[1].tagged {
		return field{}, false
	}
	return all[0], true
}

// collect lists the fields of a struct and of those embedded in it. Optional
// says that the struct itself may be missing.
func collect(t reflect.Type, depth int, optional bool, within map[reflect.Type]bool) (all []field) {
	if within[t] {
		return nil
	}
	within[t] = true
	defer delete(within, t)
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("json")
		if tag == "-" {
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		inner := f.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		if f.Anonymous && name == "" && inner.Kind() == reflect.Struct {
			if f.IsExported() || f.Type.Kind() == reflect.Struct {
				all = append(all, collect(inner, depth+1, optional || f.Type.Kind() == reflect.Pointer, within)...)
			}
			continue
		}
		if !f.IsExported() {
			continue
		}
		all = append(all, fieldOf(f, name, options, depth, optional))
	}
	return all
}

func fieldOf(f reflect.StructField, name, options string, depth int, optional bool) field {
	out := field{StructField: f, name: cmp.Or(name, f.Name), tagged: name != "", depth: depth, optional: optional}
	for o := range strings.SplitSeq(options, ",") {
		switch o {
		case "omitempty":
			out.omitted = f.Type.Kind() != reflect.Struct
			out.optional = out.optional || out.omitted
		case "omitzero":
			out.omitted, out.optional = true, true
		case "string":
			out.quoted = quotable(f.Type)
		}
	}
	return out
}

// quotable are the kinds that the option "string" has an effect on.
func quotable(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Bool, reflect.String, reflect.Float32, reflect.Float64, reflect.Uintptr:
		return true
	}
	return reflect.Int <= t.Kind() && t.Kind() <= reflect.Uint64
}
