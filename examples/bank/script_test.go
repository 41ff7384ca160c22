package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the scripts run "bank", and the processes that it starts, in
// processes of their own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"bank": func() { os.Exit(start()) }})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script"})
}
