// Vetrange is a vet tool that reports loops which drop the error of an
// iterator. Package vetrange says which, and why.
//
//	go vet -vettool=/path/to/vetrange ./...
package main

import (
	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/cairndb/cairn/internal/vetrange"
)

func main() { unitchecker.Main(vetrange.Analyzer) }
