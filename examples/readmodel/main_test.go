package main

import (
	"cmp"
	"context"
	"database/sql"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

const story = `ann has spent 99900
bob has spent 4250
checked 1002 events of 2 types and shapes
readers see version 2
ann has spent 99900
bob has spent 4300
ann has placed 1000 orders
build 2 has applied 1003 events: ok
readers see version 1
ann has spent 99900
bob has spent 4300
`

func TestStory(t *testing.T) {
	for name, source := range map[string]func(*testing.T) string{
		"SQLite":     func(*testing.T) string { return "" },
		"PostgreSQL": service,
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			var out strings.Builder
			if err := run(ctx, source(t), &out); err != nil || out.String() != story {
				t.Errorf("%v\n%s", err, out.String())
			}
		})
	}
}

// service is where PostgreSQL is, if it is there.
func service(t *testing.T) string {
	source := cmp.Or(os.Getenv("CAIRN_POSTGRES_URL"), "postgres://postgres@127.0.0.1:5432/test?sslmode=disable")
	db, err := sql.Open("pgx", source)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	switch err = db.PingContext(t.Context()); {
	case err != nil && os.Getenv("CAIRN_REQUIRE_SERVICES") != "":
		t.Fatalf("PostgreSQL is needed: %v", err)
	case err != nil:
		t.Skipf("PostgreSQL is not there: %v", err)
	}
	return source
}

var block = regexp.MustCompile("(?ms)^```go\n(.*?)^```$")

// TestGuides: the code of the guides is that of this program, or of the examples in
// package projection, to the line. A line of three dots leaves some out.
func TestGuides(t *testing.T) {
	var code []string
	for _, name := range []string{"main.go", "../../projection/example_test.go"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		code = append(code, flat(string(text)))
	}
	for _, page := range []string{"projections.md", "changing-a-read-model.md"} {
		text, err := os.ReadFile("../../docs/" + page)
		if err != nil {
			t.Fatal(err)
		}
		blocks := block.FindAllStringSubmatch(string(text), -1)
		if len(blocks) == 0 {
			t.Errorf("%s shows no code", page)
		}
		for _, b := range blocks {
			for part := range strings.SplitSeq(flat(b[1]), "\n...\n") {
				if !strings.Contains(code[0], part) && !strings.Contains(code[1], part) {
					t.Errorf("%s shows what no program runs:\n%s", page, part)
				}
			}
		}
	}
}

// flat is a text without its indentation and empty lines.
func flat(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			b.WriteString(line + "\n")
		}
	}
	return "\n" + b.String()
}
