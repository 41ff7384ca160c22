package filetarget

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/cairndb/cairn"
)

// A Kind is what a column holds.
type Kind string

// The kinds, and what Go types they take.
const (
	String Kind = "string" // texts, of valid UTF-8
	Int    Kind = "int"    // integers of 64 bits, and all smaller ones
	Uint   Kind = "uint"   // uint and uint64
	Float  Kind = "float"  // float32 and float64, but no infinities and no NaN
	Bool   Kind = "bool"
	Bytes  Kind = "bytes" // []byte; base64 in NDJSON
	Time   Kind = "time"  // time.Time of the years 0 to 9999, to the microsecond, in UTC
)

// A Column is one of a table's. Tables are flat.
type Column struct {
	Name     string `json:"name"`
	Kind     Kind   `json:"kind"`
	Optional bool   `json:"optional,omitempty"` // it may be null
}

// Columns are those of a struct: its exported fields, in their order, by the name
// in their json tag or else their own. "-" leaves one out. Pointers are optional.
// Fields that no [Kind] takes are an error.
func Columns[Row any]() ([]Column, error) {
	s, err := shapeOf(reflect.TypeFor[Row]())
	return s.columns, err
}

// A shape is how rows of a type are taken apart.
type shape struct {
	columns []Column
	fields  []int
}

var shapes sync.Map // of reflect.Type to shape

func shapeOf(t reflect.Type) (s shape, err error) {
	if known, ok := shapes.Load(t); ok {
		return known.(shape), nil
	}
	if t == nil || t.Kind() != reflect.Struct {
		return s, invalid("row", fmt.Sprintf("must be a struct or a map[string]any, not %v", t))
	}
	for i := range t.NumField() {
		if c, ok, err := columnOf(t.Field(i)); err != nil {
			return s, err
		} else if ok {
			s.columns, s.fields = append(s.columns, c), append(s.fields, i)
		}
	}
	if err := checkColumns(s.columns); err != nil {
		return s, err
	}
	shapes.Store(t, s)
	return s, nil
}

func columnOf(f reflect.StructField) (c Column, ok bool, err error) {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	if !f.IsExported() || name == "-" {
		return c, false, nil
	}
	t := f.Type
	if c = (Column{Name: orElse(name, f.Name)}); t.Kind() == reflect.Pointer {
		t, c.Optional = t.Elem(), true
	}
	if c.Kind = kindOf(t); c.Kind == "" {
		return c, false, invalid("row."+f.Name, fmt.Sprintf("no kind of column takes a %v", f.Type))
	}
	return c, true, nil
}

func kindOf(t reflect.Type) Kind {
	switch k := t.Kind(); {
	case t == reflect.TypeFor[time.Time]():
		return Time
	case k == reflect.String:
		return String
	case k == reflect.Uint || k == reflect.Uint64:
		return Uint
	case reflect.Int <= k && k < reflect.Uintptr:
		return Int
	case k == reflect.Float32 || k == reflect.Float64:
		return Float
	case k == reflect.Bool:
		return Bool
	case k == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return Bytes
	}
	return ""
}

// checkColumns refuses columns that no table can have.
func checkColumns(columns []Column) error {
	seen := map[string]bool{}
	for _, c := range columns {
		if c.Name == "" || seen[c.Name] {
			return invalid("columns", fmt.Sprintf("%q: every column must have a name, and no other one's", c.Name))
		}
		if len(c.Name) > 100 || !utf8.ValidString(c.Name) || strings.ContainsFunc(c.Name, func(r rune) bool { return r == '.' || r < ' ' }) {
			return invalid("columns", fmt.Sprintf("%.120q: a name must be of valid UTF-8 and at most 100 bytes, without dots and control characters", c.Name))
		}
		if _, ok := writers[c.Kind]; !ok {
			return invalid("columns", fmt.Sprintf("%q is of kind %q, which there is not", c.Name, c.Kind))
		}
		seen[c.Name] = true
	}
	if len(columns) == 0 {
		return invalid("columns", "a table must have at least one")
	}
	return nil
}

func invalid(field, problem string) error {
	return &cairn.InvalidError{Field: field, Problem: problem}
}
