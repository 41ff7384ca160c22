package decider

import (
	"fmt"
	"io"
	"reflect"
)

// describe writes what a type is made of: names, tags and types of its fields,
// all the way down. Types that differ in anything that could matter to their
// encoding have different descriptions.
func describe(w io.Writer, t reflect.Type, seen map[reflect.Type]bool) {
	fmt.Fprintf(w, "%s %s(", t, t.Kind())
	defer fmt.Fprint(w, ")")
	if seen[t] {
		return // a type that contains itself
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			fmt.Fprintf(w, "%q %q ", f.Name, f.Tag)
			describe(w, f.Type, seen)
		}
	case reflect.Map:
		describe(w, t.Key(), seen)
		describe(w, t.Elem(), seen)
	case reflect.Pointer, reflect.Slice, reflect.Array:
		describe(w, t.Elem(), seen)
	}
}
