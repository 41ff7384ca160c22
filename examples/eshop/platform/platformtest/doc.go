// Package platformtest gives tests of the shop's services the databases of this
// machine, each test a part of its own. What is not there is skipped by name,
// unless CAIRN_REQUIRE_SERVICES is set.
package platformtest

import (
	"os"
	"testing"
)

// Need skips the test if err says that a service of the machine is not there, or
// fails it where all must be.
func Need(t testing.TB, what string, err error) {
	t.Helper()
	if err == nil {
		return
	}
	if os.Getenv("CAIRN_REQUIRE_SERVICES") != "" {
		t.Fatalf("no %s: %v", what, err)
	}
	t.Skipf("no %s: %v", what, err)
}
