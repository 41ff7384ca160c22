package cli

import (
	"strings"
	"testing"
)

func TestTable(t *testing.T) {
	var b strings.Builder
	table := newTable(&console{}, &b, column{title: "N", right: true}, column{title: "NAME"}, column{title: "REST", rest: true})
	for _, row := range [][]string{{"1", "世界", "x"}, {"100", "a", ""}} {
		if err := table.add(row...); err != nil {
			t.Fatal(err)
		}
	}
	if err := table.flush(); err != nil {
		t.Fatal(err)
	}
	if err := table.add("1000", "wider than before", "y"); err != nil {
		t.Fatal(err)
	}
	want := "  N  NAME  REST\n  1  世界  x\n100  a\n1000  wider than before  y\n"
	if b.String() != want {
		t.Fatalf("got\n%s\nwant\n%s", b.String(), want)
	}
}

func TestTableOnTerminal(t *testing.T) {
	var b strings.Builder
	c := &console{outTerminal: true, width: 48}
	table := newTable(c, &b, column{title: "NAME", most: 16, middle: true}, column{title: "TYPE", most: 16}, column{title: "REST", rest: true})
	if err := table.add("a long name", "longer than that", "much longer than what is left of the screen"); err != nil {
		t.Fatal(err)
	}
	if err := table.flush(); err != nil {
		t.Fatal(err)
	}
	want := "NAME      TYPE      REST\na l…name  longer …  much longer than what is le…\n"
	if b.String() != want {
		t.Fatalf("got\n%s\nwant\n%s", b.String(), want)
	}
}

func TestTablePrintsEarly(t *testing.T) {
	var b strings.Builder
	table := newTable(&console{}, &b, column{title: "N"})
	for range lookAhead {
		if b.Len() > 0 {
			t.Fatal("printed before the widths were known")
		}
		if err := table.add("1"); err != nil {
			t.Fatal(err)
		}
	}
	if b.Len() == 0 {
		t.Fatalf("%d rows are held back", lookAhead)
	}
}
