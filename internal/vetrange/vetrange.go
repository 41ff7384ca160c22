// Package vetrange finds loops that drop the error of an iterator.
//
// A read in Cairn is an iter.Seq2[T, error]: each turn of the loop brings a
// value or an error. Go accepts a range over it with one variable, or none, or
// a blank second one, and the error is then gone: a read that failed half way
// looks like a short history, and the state folded from it is wrong.
//
//	for e := range store.ReadAll(ctx, o) {      // reported
//	for e, _ := range store.ReadAll(ctx, o) {   // reported
//	for range store.ReadAll(ctx, o) {           // reported
//	for e, err := range store.ReadAll(ctx, o) { // right; Go insists that err is used
//
// The blank form is reported too, because gofmt -s rewrites it to the first.
// Test files are no exception: a test that does not see the error can pass for
// the wrong reason. There is no comment that silences a report; a loop that
// has no use for the error names it and breaks out when it is not nil.
//
// The analyzer looks at the type error alone, and not at functions hidden
// behind a type parameter. It runs under go vet:
//
//	go build -o bin/vetrange ./internal/vetrange/cmd/vetrange
//	go vet -vettool=bin/vetrange ./...
package vetrange

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
)

// Analyzer reports every range over an iter.Seq2[T, error], by that name or
// written out, that leaves out the error.
var Analyzer = &analysis.Analyzer{
	Name: "seq2err",
	Doc:  "report a range over an iter.Seq2[T, error] that drops the error",
	URL:  "https://pkg.go.dev/github.com/cairndb/cairn/internal/vetrange",
	Run:  run,
}

func run(pass *analysis.Pass) (any, error) {
	for _, file := range pass.Files {
		for n := range ast.Preorder(file) {
			if loop, ok := n.(*ast.RangeStmt); ok && dropsError(pass.TypesInfo, loop) {
				pass.ReportRangef(loop.X, "range over %s drops its error; write for v, err := range, and check err",
					types.TypeString(pass.TypesInfo.TypeOf(loop.X), types.RelativeTo(pass.Pkg)))
			}
		}
	}
	return nil, nil
}

func dropsError(info *types.Info, loop *ast.RangeStmt) bool {
	return yieldsError(info.TypeOf(loop.X)) && (loop.Value == nil || isBlank(loop.Value))
}

func isBlank(e ast.Expr) bool {
	name, ok := ast.Unparen(e).(*ast.Ident)
	return ok && name.Name == "_"
}

// yieldsError reports whether t is a func(yield func(T, error) bool).
func yieldsError(t types.Type) bool {
	seq := signature(t)
	if seq == nil || seq.Params().Len() != 1 {
		return false
	}
	yield := signature(seq.Params().At(0).Type())
	return yield != nil && yield.Params().Len() == 2 &&
		types.Identical(yield.Params().At(1).Type(), types.Universe.Lookup("error").Type())
}

func signature(t types.Type) *types.Signature {
	if t == nil {
		return nil
	}
	sig, _ := t.Underlying().(*types.Signature)
	return sig
}
