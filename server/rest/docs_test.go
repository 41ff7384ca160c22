package rest_test

import (
	"os"
	"strings"
	"testing"

	"github.com/cairndb/cairn/server/rest"
)

// TestProblemsAreExplained holds that the type of each problem leads somewhere.
func TestProblemsAreExplained(t *testing.T) {
	text, err := os.ReadFile("../../docs/rest.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range rest.Kinds() {
		if !strings.Contains(string(text), "\n### "+kind+"\n") {
			t.Errorf("docs/rest.md does not explain %q", kind)
		}
	}
}
