package decidertest

import (
	"fmt"
	"reflect"
	"strings"
)

// diff shows two lists as one, a line for each event: those that only want has
// marked with "-", those that only got has with "+".
func diff[E any](want, got []E, equal func(a, b E) bool) (text string, same bool) {
	var b strings.Builder
	common := longest(want, got, equal)
	i, j := 0, 0
	same = true
	for i < len(want) || j < len(got) {
		switch {
		case i < len(want) && j < len(got) && equal(want[i], got[j]):
			b.WriteString(lines("  ", want[i:i+1]))
			i, j = i+1, j+1
			continue
		case j == len(got) || i < len(want) && common[i+1][j] >= common[i][j+1]:
			b.WriteString(lines("- ", want[i:i+1]))
			i++
		default:
			b.WriteString(lines("+ ", got[j:j+1]))
			j++
		}
		same = false
	}
	return b.String(), same
}

// longest holds at [i][j] how many events the rests of the lists from there on
// have in common.
func longest[E any](want, got []E, equal func(a, b E) bool) [][]int {
	n := make([][]int, len(want)+1)
	for i := len(want); i >= 0; i-- {
		n[i] = make([]int, len(got)+1)
		for j := len(got) - 1; j >= 0 && i < len(want); j-- {
			n[i][j] = max(n[i+1][j], n[i][j+1])
			if equal(want[i], got[j]) {
				n[i][j] = n[i+1][j+1] + 1
			}
		}
	}
	return n
}

func lines[E any](mark string, events []E) string {
	var b strings.Builder
	for _, e := range events {
		fmt.Fprintf(&b, "\t%s%s\n", mark, show(e))
	}
	return b.String()
}

// show prints a value with its type; of a pointer, what it points to.
func show(v any) string {
	p := reflect.ValueOf(v)
	if p.Kind() == reflect.Pointer && !p.IsNil() && !p.Type().Implements(reflect.TypeFor[fmt.Stringer]()) {
		return "&" + name(p.Elem().Interface())
	}
	return name(v)
}

func name(v any) string { return fmt.Sprintf("%T%+v", v, v) }
