package main

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const printed = `{"Action":"start"}
{"Action":"run","Test":"TestA"}
{"Action":"run","Test":"TestA/one"}
{"Action":"output","Test":"TestA/one","Output":"hello\n"}
{"Action":"pass","Test":"TestA/one"}
{"Action":"run","Test":"TestA/two/deep"}
{"Action":"fail","Test":"TestA/two/deep"}
{"Action":"fail","Test":"TestA/two"}
{"Action":"fail","Test":"TestA"}
{"Action":"run","Test":"TestB"}
{"Action":"skip","Test":"TestB"}
{"Action":"run","Test":"TestC/hangs"}
{"Action":"fail"}
`

// TestLeaves: a suite is its tests, and one that did not end is not forgotten.
func TestLeaves(t *testing.T) {
	all := results{}
	if err := all.add([]byte(printed)); err != nil {
		t.Fatal(err)
	}
	want := results{"TestA/one": pass, "TestA/two/deep": fail, "TestB": skip, "TestC/hangs": lost}
	if got := all.leaves(); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if err := all.add([]byte("no JSON")); err == nil {
		t.Error("what is no JSON is taken for results")
	}
}

// TestCompare looks in both directions.
func TestCompare(t *testing.T) {
	all := results{"T/good": pass, "T/bad": fail, "T/better": pass, "T/known": skip, "T/hangs": lost}
	l := list{"T/better": "not yet", "T/known": "so it is", "T/gone": "once it was"}
	want := []string{
		"T/bad failed",
		"T/better passed; the list says: not yet",
		"T/gone is not there, but the list names it",
		"T/hangs did not end",
	}
	if got := compare(all, l); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := compare(results{"T": pass}, list{}); got != nil {
		t.Errorf("nothing differs, but %v", got)
	}
}

// TestParseList: each test once, and with a reason.
func TestParseList(t *testing.T) {
	l, err := parseList("# a comment\n\nTestA/one   for a reason \nTestB for another\n")
	if err != nil || !maps.Equal(l, list{"TestA/one": "for a reason", "TestB": "for another"}) {
		t.Errorf("got %v, %v", l, err)
	}
	if some := l.of(regexp.MustCompile("^TestA$")); !maps.Equal(some, list{"TestA/one": "for a reason"}) {
		t.Errorf("of TestA: %v", some)
	}
	for text, want := range map[string]string{"TestA\n": "line 1: TestA has no reason", "\nTestA x\nTestA y\n": "line 3: TestA is there twice"} {
		if _, err := parseList(text); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

// TestTheList can be read.
func TestTheList(t *testing.T) {
	if l, err := readList("expected.txt"); err != nil || len(l) == 0 {
		t.Errorf("got %d tests, %v", len(l), err)
	}
}
