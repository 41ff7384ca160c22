package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the tests run "eshop" in processes of its own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"eshop": func() { os.Exit(start()) }})
}
