package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/declared"
	"github.com/cairndb/cairn/projection/sqltarget"
)

const printed = `commit aaaa 2026-01-31T23:30:00-01:00

3	1	main.go
-	-	logo.png
commit bbbb 2026-02-02T10:00:00Z

10	0	main.go
commit cccc 2026-02-03T10:00:00Z
`

func TestEvents(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"events", "shop"}, strings.NewReader(printed), &out); err != nil {
		t.Fatal(err)
	}
	again := out.String()
	out.Reset()
	if err := events("shop", strings.NewReader(printed), &out); err != nil || out.String() != again {
		t.Errorf("a second time it is %s, %v", out.String(), err)
	}
	var got []line
	for d := json.NewDecoder(&out); d.More(); {
		var l line
		if err := d.Decode(&l); err != nil {
			t.Fatal(err)
		}
		got = append(got, l)
	}
	if len(got) != 3 || got[0].Stream != "file-shop/main.go" || got[0].Data != (change{"aaaa", 3, 1}) || got[1].Data != (change{"aaaa", 0, 0}) ||
		got[0].Created.Format("2006-01") != "2026-02" || got[0].ID == got[1].ID || got[0].ID == got[2].ID {
		t.Errorf("got %+v", got)
	}
}

func TestMistakes(t *testing.T) {
	for what, c := range map[string]struct {
		args []string
		in   string
		want string
	}{
		"nothing":     {nil, "", "usage:"},
		"the format":  {[]string{"events", "shop"}, "commit abc\n", "line 1: "},
		"the time":    {[]string{"events", "shop"}, "\ncommit abc yesterday\n", "line 2: "},
		"no database": {[]string{"top", filepath.Join(t.TempDir(), "none.db")}, "", "cairn project makes it"},
	} {
		err := run(t.Context(), c.args, strings.NewReader(c.in), new(bytes.Buffer))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v", what, err)
		}
	}
}

// TestTop goes the whole way: what git prints, the file that declares the read
// model, and the question.
func TestTop(t *testing.T) {
	store, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	appendAll(t, store)
	file := filepath.Join(t.TempDir(), "read.db")
	build(t, store, file)
	var out bytes.Buffer
	if err := run(t.Context(), []string{"top", file}, nil, &out); err != nil {
		t.Fatal(err)
	}
	want := "MONTH    CHANGES  ADDED  DELETED  FILE\n" +
		"2026-02  2        13     1        shop/main.go\n" +
		"2026-02  1        0      0        shop/logo.png\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

func appendAll(t *testing.T, store cairn.Store) {
	var out bytes.Buffer
	if err := events("shop", strings.NewReader(printed), &out); err != nil {
		t.Fatal(err)
	}
	for d := json.NewDecoder(&out); d.More(); {
		var l line
		if err := d.Decode(&l); err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(l.Data)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := store.Append(t.Context(), l.Stream, cairn.Any, cairn.Event{Type: l.Type, Data: data, Time: l.Created}); err != nil {
			t.Fatal(err)
		}
	}
}

// build runs the declared projection until it shows all there is.
func build(t *testing.T, store cairn.Store, file string) {
	data, err := os.ReadFile("files-by-month.yaml")
	if err != nil {
		t.Fatal(err)
	}
	d, err := declared.Parse("files-by-month.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	target := sqltarget.SQLite(db)
	ctx, stop := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- projection.Run(ctx, store, target, d.Projection(declared.SQLite), nil) }()
	info, err := store.Info(ctx)
	if err == nil {
		err = projection.Wait(ctx, store, target, d.Name, info.Head)
	}
	stop()
	if ended := <-ran; err != nil || !errors.Is(ended, context.Canceled) {
		t.Fatal(err, ended)
	}
}

// TestGuide: the guide shows the file as it is.
func TestGuide(t *testing.T) {
	file, err := os.ReadFile("files-by-month.yaml")
	if err != nil {
		t.Fatal(err)
	}
	guide, err := os.ReadFile("../../docs/declared-projections.md")
	if err != nil {
		t.Fatal(err)
	}
	_, content, _ := strings.Cut(string(file), "\n") // without the comment
	if !bytes.Contains(guide, []byte("```yaml\n"+content+"```\n")) {
		t.Error("docs/declared-projections.md shows another file")
	}
}
