package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	module = "github.com/cairndb/cairn"
	root   = "../.." // of the project, from here
)

// A folder is a folder of Go files.
type folder struct {
	dir   string // from the root of the project; "." is the root
	files []source
}

// A source is one Go file.
type source struct {
	name string // from the root of the project
	tree *ast.File
}

func (s source) isTest() bool { return strings.HasSuffix(s.name, "_test.go") }

// external reports whether the file is a test seen from outside its package.
func (s source) external() bool { return s.isTest() && strings.HasSuffix(s.tree.Name.Name, "_test") }

// imports lists the paths that a file imports.
func (s source) imports() (paths []string) {
	for _, spec := range s.tree.Imports {
		p, _ := strconv.Unquote(spec.Path.Value)
		paths = append(paths, p)
	}
	return paths
}

// folders reads all Go files of the project.
func folders(t *testing.T) (all []folder) {
	t.Helper()
	eachFile(t, func(name string) {
		if path.Ext(name) != ".go" || strings.Contains(name, "testdata/") {
			return
		}
		tree, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, name), nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		dir := path.Dir(name)
		at, found := slices.BinarySearchFunc(all, dir, func(f folder, dir string) int { return strings.Compare(f.dir, dir) })
		if !found {
			all = slices.Insert(all, at, folder{dir: dir})
		}
		all[at].files = append(all[at].files, source{name, tree})
	})
	return all
}

// notOurs are folders that hold no source: what .gitignore names, and git's own.
var notOurs = []string{".git", "bin", "cairn-data", "bank-data", "node_modules", "screenshots"}

// eachFile visits the files of the project, in order.
func eachFile(t *testing.T, visit func(name string)) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && slices.Contains(notOurs, e.Name()):
			return fs.SkipDir
		case e.Type().IsRegular():
			visit(name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
