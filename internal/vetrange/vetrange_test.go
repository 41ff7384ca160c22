package vetrange_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/cairndb/cairn/internal/vetrange"
)

// The cases are in testdata/src/a: a line with a want comment must be
// reported, and no other.
func TestAnalyzer(t *testing.T) {
	analysistest.Run(t, analysistest.TestData(), vetrange.Analyzer, "a")
}
