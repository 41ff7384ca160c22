package declared

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

func (r *reader) rules(n *yaml.Node, d *Definition) []rule {
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		r.wrong(n, "on must be a list of rules, each with events and one of upsert, insert and delete")
		return nil
	}
	var rules []rule
	for _, item := range n.Content {
		rules = append(rules, r.rule(resolved(item), d))
	}
	return rules
}

// parts are the members of a rule that depend on its table.
type parts struct{ key, set, add, values *yaml.Node }

func (r *reader) rule(n *yaml.Node, d *Definition) rule {
	var u rule
	var p parts
	actions := 0
	does := func(a action) field {
		return func(n *yaml.Node) { actions, u.action, u.table = actions+1, a, r.known(n, d) }
	}
	r.members(n, "the rule", map[string]field{
		"events": func(n *yaml.Node) { u.events = r.events(n) },
		"where":  func(n *yaml.Node) { u.where = r.expression(n, "where") },
		"upsert": does(upsert), "insert": does(insert), "delete": does(remove),
		"key":    func(n *yaml.Node) { p.key = n },
		"set":    func(n *yaml.Node) { p.set = n },
		"add":    func(n *yaml.Node) { p.add = n },
		"values": func(n *yaml.Node) { p.values = n },
	}, "events")
	if actions != 1 && n.Kind == yaml.MappingNode {
		r.wrong(n, "the rule must have one of upsert, insert and delete; it has %d of them", actions)
	}
	if u.table != nil && actions == 1 {
		r.fill(n, &u, &p)
	}
	return u
}

// events are the types of a rule. Those of the system are nobody's business.
func (r *reader) events(n *yaml.Node) []string {
	list := r.texts(n, "events")
	for _, t := range list {
		if strings.HasPrefix(t, "$") {
			r.wrong(n, "events of the system such as %q cannot be projected", t)
		}
	}
	return list
}

// known finds the table of a rule.
func (r *reader) known(n *yaml.Node, d *Definition) *Table {
	i := slices.IndexFunc(d.Tables, func(t Table) bool { return t.Name == n.Value })
	if i < 0 {
		r.wrong(n, "there is no table %s; expected one of %s", kind(n), strings.Join(d.tables(), ", "))
		return nil
	}
	return &d.Tables[i]
}

// fill reads what a rule does to its table.
func (r *reader) fill(n *yaml.Node, u *rule, p *parts) {
	switch u.action {
	case upsert:
		r.without(p.values, "upsert", "values; use key, set and add")
		u.key = r.wholeKey(n, u.table, r.assignments(p.key, u.table, "key"))
		u.set, u.add = r.assignments(p.set, u.table, "set"), r.assignments(p.add, u.table, "add")
		r.checkColumns(n, u)
	case insert:
		r.without(p.key, "insert", "key; name its columns in values")
		r.without(p.set, "insert", "set; use values")
		r.without(p.add, "insert", "add; use values")
		all := r.assignments(p.values, u.table, "values")
		u.key, u.set = split(all, u.table)
		u.key = r.wholeKey(n, u.table, u.key)
	case remove:
		r.without(p.set, "delete", "set")
		r.without(p.add, "delete", "add")
		r.without(p.values, "delete", "values; use key")
		u.key = r.assignments(p.key, u.table, "key")
		r.partOfKey(n, u)
	}
}

// without refuses a member that means nothing here.
func (r *reader) without(n *yaml.Node, action, what string) {
	if n != nil {
		r.wrong(n, "%s has no %s", action, what)
	}
}
