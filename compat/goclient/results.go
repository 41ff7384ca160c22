package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// An outcome is what became of a test.
type outcome string

const (
	pass   outcome = "passed"
	fail   outcome = "failed"
	skip   outcome = "was skipped"
	lost   outcome = "did not end" // a panic or the end of the time
	absent outcome = "is not there"
)

// results are tests by their full name.
type results map[string]outcome

// add reads what go tool test2json prints.
func (r results) add(events []byte) error {
	d := json.NewDecoder(bytes.NewReader(events))
	for {
		var e struct{ Action, Test string }
		if err := d.Decode(&e); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("reading the results: %w", err)
		}
		if e.Test == "" {
			continue
		}
		switch e.Action {
		case "run":
			r[e.Test] = lost
		case "pass":
			r[e.Test] = pass
		case "fail":
			r[e.Test] = fail
		case "skip":
			r[e.Test] = skip
		}
	}
}

// leaves are the tests that have no others below them: a suite fails because
// of one of its tests.
func (r results) leaves() results {
	inner := map[string]bool{}
	for name := range r {
		for i := strings.LastIndexByte(name, '/'); i >= 0; i = strings.LastIndexByte(name[:i], '/') {
			inner[name[:i]] = true
		}
	}
	leaves := results{}
	for name, o := range r {
		if !inner[name] {
			leaves[name] = o
		}
	}
	return leaves
}
