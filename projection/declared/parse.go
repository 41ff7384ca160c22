package declared

import (
	"fmt"
	"regexp"
	"strconv"

	"cel.dev/cel-go/common/types"
	"go.yaml.in/yaml/v3"

	"github.com/cairndb/cairn/projection"
)

// maxFile is how long a file may be. It is written by people.
const maxFile = 1 << 20

// Parse reads a definition. The file's name is for errors, which are [*Error]
// joined by [errors.Join].
func Parse(file string, data []byte) (*Definition, error) {
	r := &reader{file: file}
	if len(data) > maxFile {
		return nil, &Error{file, 1, 1, fmt.Sprintf("the file has %d bytes; the limit is %d", len(data), maxFile)}
	}
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return nil, syntax(file, err)
	}
	if len(document.Content) == 0 {
		return nil, &Error{file, 1, 1, "the file is empty; expected projection, tables and on"}
	}
	d := r.definition(document.Content[0])
	if err := r.err(); err != nil {
		return nil, err
	}
	return d, nil
}

var lineOf = regexp.MustCompile(`line (\d+): (.*)`)

// syntax is what the YAML library says, as an error of ours. It tells lines only
// in its texts.
func syntax(file string, err error) error {
	e := &Error{file, 1, 1, err.Error()}
	if parts := lineOf.FindStringSubmatch(err.Error()); parts != nil {
		e.Line, _ = strconv.Atoi(parts[1])
		e.Problem = "this is not YAML: " + parts[2]
	}
	return e
}

// definition reads the whole. The tables come before the rules that use them,
// whatever their order in the file.
func (r *reader) definition(n *yaml.Node) *Definition {
	d := &Definition{Version: 1, Lanes: 1, Failures: projection.StopOnFailure}
	var rules *yaml.Node
	r.members(n, "the projection", map[string]field{
		"projection":  func(n *yaml.Node) { d.Name = r.name(n, "projection", 48) },
		"description": func(n *yaml.Node) { r.text(n, "description") },
		"version":     func(n *yaml.Node) { d.Version = r.integer(n, "version", 1, 1_000_000) },
		"lanes":       func(n *yaml.Node) { d.Lanes = r.integer(n, "lanes", 1, 64) },
		"failures":    func(n *yaml.Node) { d.Failures = r.failures(n) },
		"key":         func(n *yaml.Node) { d.key = r.expression(n, "key") },
		"tables":      func(n *yaml.Node) { d.Tables = r.tables(n) },
		"on":          func(n *yaml.Node) { rules = n },
	}, "projection", "tables", "on")
	if rules != nil {
		d.rules = r.rules(rules, d)
	}
	return d
}

func (r *reader) failures(n *yaml.Node) projection.Failures {
	for _, f := range []projection.Failures{projection.StopOnFailure, projection.ParkOnFailure, projection.SkipOnFailure} {
		if n.Value == f.String() {
			return f
		}
	}
	r.wrong(n, "failures must be stop, park or skip, not %s", kind(n))
	return 0
}

var plain = regexp.MustCompile(`^[a-z][a-z0-9_-]*$`)

// name reads a name that can stand in SQL and in the ledger.
func (r *reader) name(n *yaml.Node, what string, limit int) string {
	s := r.text(n, what)
	if s != "" && (!plain.MatchString(s) || len(s) > limit) {
		r.wrong(n, "%s must begin with a letter and be made of a to z, 0 to 9, - and _, %d at most, not %s", what, limit, kind(n))
	}
	return s
}

// expression reads an expression: a text is CEL, anything else a constant.
func (r *reader) expression(n *yaml.Node, what string) *expression {
	switch n.Tag {
	case "!!int", "!!float", "!!bool":
		return r.constant(n, what)
	case "!!null":
		return &expression{source: "null", constant: types.NullValue}
	}
	s := r.text(n, what)
	if s == "" {
		return nil
	}
	e, err := compile(s)
	if err != nil {
		r.wrong(n, "%s is not an expression: %v; a text that is meant as it stands needs quotes within quotes: %q", what, err, "'"+s+"'")
		return nil
	}
	return e
}

func (r *reader) constant(n *yaml.Node, what string) *expression {
	var v any
	if err := n.Decode(&v); err != nil {
		r.wrong(n, "%s must be a number that fits in 64 bits, not %s", what, kind(n))
		return nil
	}
	return &expression{source: n.Value, constant: types.DefaultTypeAdapter.NativeToValue(v)}
}
