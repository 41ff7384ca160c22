package declared

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// assignments reads a mapping of columns to expressions.
func (r *reader) assignments(n *yaml.Node, t *Table, what string) []assignment {
	if n == nil {
		return nil
	}
	var list []assignment
	for name, value := range r.pairs(n, what) {
		c, ok := t.column(name.Value)
		if !ok {
			r.wrong(name, "table %s has no column %q", t.Name, name.Value)
			continue
		}
		if e := r.expression(value, "the value of "+c.Name); e != nil {
			list = append(list, assignment{c, e})
		}
	}
	return list
}

// split takes the columns of the key from the others.
func split(all []assignment, t *Table) (key, rest []assignment) {
	for _, a := range all {
		if slices.Contains(t.Key, a.column.Name) {
			key = append(key, a)
		} else {
			rest = append(rest, a)
		}
	}
	return key, rest
}

// wholeKey wants the key's columns, and puts them in its order.
func (r *reader) wholeKey(n *yaml.Node, t *Table, given []assignment) []assignment {
	key := make([]assignment, 0, len(t.Key))
	var missing []string
	for _, name := range t.Key {
		i := slices.IndexFunc(given, func(a assignment) bool { return a.column.Name == name })
		if i < 0 {
			missing = append(missing, name)
			continue
		}
		key = append(key, given[i])
	}
	if len(missing) > 0 {
		r.wrong(n, "the rule must give a value to each column of the key of %s; missing: %s", t.Name, strings.Join(missing, ", "))
	}
	if len(given) > len(key) && len(missing) == 0 {
		r.wrong(n, "key names columns that are not in the key of %s (%s); use set", t.Name, strings.Join(t.Key, ", "))
	}
	return key
}

// checkColumns wants set and add to be about columns that are not the key's, each
// once, and add about numbers.
func (r *reader) checkColumns(n *yaml.Node, u *rule) {
	seen := map[string]bool{}
	for _, a := range slices.Concat(u.set, u.add) {
		name := a.column.Name
		if slices.Contains(u.table.Key, name) {
			r.wrong(n, "column %s is part of the key and cannot be changed", name)
		}
		if seen[name] {
			r.wrong(n, "column %s is in set and in add", name)
		}
		seen[name] = true
	}
	for _, a := range u.add {
		if a.column.Type != "integer" && a.column.Type != "number" {
			r.wrong(n, "nothing can be added to column %s, as it is %s", a.column.Name, a.column.Type)
		}
	}
}

// partOfKey wants a delete to name columns of the key.
func (r *reader) partOfKey(n *yaml.Node, u *rule) {
	if len(u.key) == 0 {
		r.wrong(n, "delete needs key: which rows")
	}
	for _, a := range u.key {
		if !slices.Contains(u.table.Key, a.column.Name) {
			r.wrong(n, "delete names column %s, which is not in the key of %s (%s)", a.column.Name, u.table.Name, strings.Join(u.table.Key, ", "))
		}
	}
}
