package archtest

import (
	"slices"
	"strings"
	"testing"
)

// TestImports holds the project to the table.
func TestImports(t *testing.T) {
	for _, wrong := range check(graph(folders(t)), rules) {
		t.Error(wrong)
	}
}

func graph(all []folder) (nodes []node) {
	for _, f := range all {
		n := node{dir: f.dir}
		for _, s := range f.files {
			switch {
			case !s.isTest():
				n.imports = append(n.imports, s.imports()...)
			case !s.external():
				n.tests = append(n.tests, s.imports()...)
			}
		}
		slices.Sort(n.imports)
		slices.Sort(n.tests)
		n.imports, n.tests = slices.Compact(n.imports), slices.Compact(n.tests)
		nodes = append(nodes, n)
	}
	return nodes
}

// TestCheck shows that each rule can be broken, on a made-up project.
func TestCheck(t *testing.T) {
	ours := func(dir string) string { return module + "/" + dir }
	for _, c := range []struct {
		name string
		node node
		want string // part of the one report; empty means none
	}{
		{"root, standard library", node{dir: ".", imports: []string{"context", "encoding/json"}}, ""},
		{"root, ours", node{dir: ".", imports: []string{ours("codec")}}, ". imports codec, and may import the standard library only"},
		{"root, theirs", node{dir: ".", imports: []string{"golang.org/x/sync/errgroup"}}, "imports golang.org/x/sync/errgroup"},
		{"root, engine in its tests", node{dir: ".", tests: []string{ours("engine/disk")}}, ". imports engine/disk"},
		{"engine", node{dir: "engine/disk", imports: []string{module, ours("internal/index"), "github.com/cockroachdb/pebble/v2/vfs"}}, ""},
		{"engine, its own parts", node{dir: "engine/disk", imports: []string{ours("engine/disk/segment")}}, ""},
		{"engine, user", node{dir: "engine/disk", imports: []string{ours("decider")}}, "engine/disk imports decider"},
		{"engine, older major version", node{dir: "engine/disk", imports: []string{"github.com/cockroachdb/pebble"}}, "imports github.com/cockroachdb/pebble,"},
		{"engine, analyzer", node{dir: "engine/disk", imports: []string{ours("internal/vetrange")}}, "imports internal/vetrange"},
		{"decider", node{dir: "decider", imports: []string{module, ours("codec")}}, ""},
		{"decider, upward", node{dir: "decider", imports: []string{ours("saga")}}, "decider imports saga"},
		{"codec, upward", node{dir: "codec", imports: []string{ours("decider")}}, "codec imports decider"},
		{"codec, engine", node{dir: "codec", imports: []string{ours("engine/disk")}}, "codec imports engine/disk"},
		{"decider, engine in its inner tests", node{dir: "decider", tests: []string{ours("engine/disk")}}, "decider imports engine/disk"},
		{"decider, kit in its inner tests", node{dir: "decider", tests: []string{ours("storetest"), "testing"}}, ""},
		{"decider, kit", node{dir: "decider", imports: []string{ours("storetest")}}, "decider imports storetest"},
		{"server, engine", node{dir: "server/rest", imports: []string{ours("engine/disk")}}, "server/rest imports engine/disk"},
		{"kit", node{dir: "storetest", imports: []string{"testing", "testing/synctest", module}}, ""},
		{"kit, engine", node{dir: "storetest", imports: []string{ours("engine/disk")}}, "storetest imports engine/disk"},
		{"testing", node{dir: "cmd/cairn", imports: []string{"testing"}}, "cmd/cairn imports testing: only tests"},
		{"testing, below", node{dir: "engine/disk", imports: []string{"testing/fstest"}}, "only tests and kits"},
		{"program", node{dir: "cmd/cairn", imports: []string{ours("engine/disk"), ours("internal/ndjson"), "github.com/spf13/cobra"}}, ""},
		{"program, kit", node{dir: "cmd/cairn", imports: []string{ours("storetest")}}, "cmd/cairn imports storetest"},
		{"example, internal", node{dir: "examples/bank", imports: []string{ours("internal/index")}}, "examples/bank imports internal/index"},
		{"bench", node{dir: "bench", imports: []string{ours("engine/disk"), "github.com/nats-io/nats.go"}}, ""},
		{"unknown", node{dir: "elsewhere"}, "no rule says"},
		{"name", node{dir: "internal/util"}, "does not say what it holds"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := check([]node{c.node}, rules)
			if c.want == "" && len(got) > 0 {
				t.Errorf("reported %q, want nothing", got)
			}
			if c.want != "" && (len(got) != 1 || !strings.Contains(got[0], c.want)) {
				t.Errorf("reported %q, want one report with %q", got, c.want)
			}
		})
	}
}

// TestRulesHaveReasons: a rule nobody can argue with is a rule nobody keeps.
func TestRulesHaveReasons(t *testing.T) {
	for i, r := range rules {
		if r.because == "" {
			t.Errorf("%s has no reason", r.packages)
		}
		if first := ruleFor(strings.TrimSuffix(r.packages, "/..."), rules); first != &rules[i] {
			t.Errorf("%s is never reached: %s comes before it", r.packages, first.packages)
		}
	}
}
