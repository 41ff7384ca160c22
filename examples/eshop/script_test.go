package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the tests run "eshop" in processes of its own. Under another name it
// runs no command: a process that a test has started must not run the tests.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-") && filepath.Base(os.Args[0]) != "eshop" {
		fmt.Fprintln(os.Stderr, "a test was started as the program:", os.Args)
		os.Exit(misused)
	}
	testscript.Main(m, map[string]func(){"eshop": func() { os.Exit(start()) }})
}
