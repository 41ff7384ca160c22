package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
)

// A list says of tests that do not pass why they do not.
type list map[string]string

// readList reads a list. Each line is the name of a test and, behind spaces, the
// reason. Empty lines and those that begin with "#" say nothing.
func readList(path string) (list, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	l, err := parseList(string(b))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return l, nil
}

func parseList(text string) (list, error) {
	l := list{}
	n := 0
	for line := range strings.Lines(text) {
		n++
		name, reason, _ := strings.Cut(strings.TrimSpace(line), " ")
		reason = strings.TrimSpace(reason)
		switch {
		case name == "" || strings.HasPrefix(name, "#"):
		case reason == "":
			return nil, fmt.Errorf("line %d: %s has no reason", n, name)
		case l[name] != "":
			return nil, fmt.Errorf("line %d: %s is there twice", n, name)
		default:
			l[name] = reason
		}
	}
	return l, nil
}

// of is what the list says about some tests, by the name at the top.
func (l list) of(only *regexp.Regexp) list {
	some := list{}
	for name, reason := range l {
		if top, _, _ := strings.Cut(name, "/"); only.MatchString(top) {
			some[name] = reason
		}
	}
	return some
}

// compare says which tests did not do what the list says, in order.
func compare(leaves results, l list) (differences []string) {
	for name, o := range leaves {
		reason, listed := l[name]
		switch {
		case o == pass && listed:
			differences = append(differences, fmt.Sprintf("%s passed; the list says: %s", name, reason))
		case o != pass && !listed:
			differences = append(differences, fmt.Sprintf("%s %s", name, o))
		}
	}
	for name := range l {
		if _, ok := leaves[name]; !ok {
			differences = append(differences, fmt.Sprintf("%s %s, but the list names it", name, absent))
		}
	}
	slices.Sort(differences)
	return differences
}
