package archtest

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// A node is a package with what it imports, as paths.
type node struct {
	dir     string
	imports []string // by the package itself
	tests   []string // by its tests from within; those from outside are free
}

// check reports every import that the table does not allow.
func check(graph []node, rules []rule) (wrong []string) {
	for _, n := range graph {
		r := ruleFor(n.dir, rules)
		if r == nil {
			wrong = append(wrong, fmt.Sprintf("%s: no rule says what it may import; add a row to rules", n.dir))
			continue
		}
		for _, imported := range n.imports {
			wrong = append(wrong, r.judge(n.dir, imported)...)
		}
		for _, imported := range n.tests {
			if fits("engine/...", local(imported)) {
				wrong = append(wrong, r.judge(n.dir, imported)...)
			}
		}
		if slices.Contains(meaningless, path.Base(n.dir)) {
			wrong = append(wrong, fmt.Sprintf("%s: the name does not say what it holds", n.dir))
		}
	}
	return wrong
}

func ruleFor(dir string, rules []rule) *rule {
	at := slices.IndexFunc(rules, func(r rule) bool { return fits(r.packages, dir) })
	if at < 0 {
		return nil
	}
	return &rules[at]
}

// judge reports the import if the rule, or one that is about everybody, forbids it.
func (r *rule) judge(dir, imported string) []string {
	switch {
	case fits("testing/...", imported) && !slices.Contains(kits, dir):
		return []string{dir + " imports " + imported + ": only tests and kits do"}
	case isStandard(imported), r.allows(local(imported)):
		return nil
	}
	return []string{fmt.Sprintf("%s imports %s, and may import %s: %s", dir, local(imported), r.mayText(), r.because)}
}

// allows applies the patterns in order: the last that fits counts.
func (r *rule) allows(imported string) bool {
	allowed := fits(r.packages, imported)
	for _, p := range r.may {
		if not, found := strings.CutPrefix(p, "!"); found {
			allowed = allowed && !fits(not, imported)
		} else {
			allowed = allowed || fits(p, imported)
		}
	}
	return allowed
}

func (r *rule) mayText() string {
	if len(r.may) == 0 {
		return "the standard library only"
	}
	return strings.Join(r.may, ", ")
}

func fits(pattern, name string) bool {
	if pattern == "..." {
		return true
	}
	tree, below := strings.CutSuffix(pattern, "/...")
	return name == tree || below && strings.HasPrefix(name, tree+"/")
}

// local turns the path of a package of this project into its folder, and leaves
// others as they are.
func local(imported string) string {
	if imported == module {
		return "."
	}
	return strings.TrimPrefix(imported, module+"/")
}

// isStandard knows the standard library by its first element, which has no dot.
func isStandard(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".")
}
