package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"
)

// TestPackageComments: a package says what it is, in one place.
func TestPackageComments(t *testing.T) {
	for _, f := range folders(t) {
		var said []string
		production := false
		for _, s := range f.files {
			production = production || !s.isTest()
			if !s.isTest() && s.tree.Doc != nil {
				said = append(said, s.name)
			}
		}
		switch {
		case production && len(said) == 0:
			t.Errorf("%s: no file has a package comment", f.dir)
		case len(said) > 1:
			t.Errorf("%s: the package comment is in %s; keep one", f.dir, strings.Join(said, " and "))
		}
	}
}

// TestExportedNamesAreDocumented: what others may use says what it promises.
func TestExportedNamesAreDocumented(t *testing.T) {
	for _, f := range folders(t) {
		for _, s := range f.files {
			if s.isTest() || ast.IsGenerated(s.tree) {
				continue
			}
			for _, name := range undocumented(s.tree) {
				t.Errorf("%s: %s has no doc comment", s.name, name)
			}
		}
	}
}

// undocumented lists the exported names of a file that no comment is about.
// Methods of unexported types are reached through an interface, which has the
// comment. A group of constants or variables may share one.
func undocumented(file *ast.File) (names []string) {
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Doc == nil && d.Name.IsExported() && reachable(d.Recv) {
				names = append(names, d.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				names = append(names, unsaid(spec, d.Doc != nil)...)
			}
		}
	}
	return names
}

func reachable(recv *ast.FieldList) bool {
	return recv == nil || !slices.ContainsFunc(recv.List, func(f *ast.Field) bool { return !ast.IsExported(baseName(f.Type)) })
}

// baseName is T of T, *T and T[P].
func baseName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return baseName(e.X)
	case *ast.IndexExpr:
		return baseName(e.X)
	case *ast.IndexListExpr:
		return baseName(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

func unsaid(spec ast.Spec, group bool) (names []string) {
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		if !group && spec.Doc == nil && spec.Comment == nil && spec.Name.IsExported() {
			names = append(names, spec.Name.Name)
		}
	case *ast.ValueSpec:
		for _, n := range spec.Names {
			if !group && spec.Doc == nil && spec.Comment == nil && n.IsExported() {
				names = append(names, n.Name)
			}
		}
	}
	return names
}

func TestUndocumented(t *testing.T) {
	const text = `package p

type Bare struct{}

// Said is said.
type Said struct{}

type hidden struct{}

func (Said) Method() {}

// Good is said.
func (s *Said) Good() {}

func (h *hidden) Method() {}

func (g *Said[T]) Generic() {}

func Func() {}

func inner() {}

const Lone = 1

// A group.
const (
	A = iota
	B
)

var (
	C = 1 // C is said
	D = 2
)
`
	file, err := parser.ParseFile(token.NewFileSet(), "p.go", text, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	got, want := fmt.Sprint(undocumented(file)), "[Bare Method Generic Func Lone D]"
	if got != want {
		t.Errorf("undocumented = %s, want %s", got, want)
	}
}
