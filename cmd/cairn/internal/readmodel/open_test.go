package readmodel

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cairndb/cairn"
)

func TestMistakes(t *testing.T) {
	for url, want := range map[string]string{
		"":                          "is no URL",
		"shop.db":                   "is no URL",
		"oracle://db/shop":          `"oracle" is no kind of database`,
		"sqlite:":                   "in memory",
		"sqlite::memory:":           "in memory",
		"mysql://app@db":            "names no database",
		"mysql://app@db:x/shop":     "cannot be read",
		"postgres://app@db:x/shop?": "",
	} {
		_, err := Open(t.Context(), url)
		invalid, ok := errors.AsType[*cairn.InvalidError](err)
		if want == "" {
			if err == nil {
				t.Errorf("%q was opened", url)
			}
			continue
		}
		if !ok || invalid.Field != "target" || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "sqlite:FILE") {
			t.Errorf("%q: got %v", url, err)
		}
		if strings.Contains(err.Error(), "app@") {
			t.Errorf("%q: the error shows who the user is: %v", url, err)
		}
	}
}

func TestMySQLSource(t *testing.T) {
	for url, want := range map[string]string{
		"mysql://app:p%40ss@db/shop":      "app:p@ss@tcp(db:3306)/shop?parseTime=true",
		"mariadb://root@127.0.0.1:3307/x": "root@tcp(127.0.0.1:3307)/x?parseTime=true",
	} {
		if got, err := mysqlSource(url); err != nil || got != want {
			t.Errorf("%s: got %s, %v", url, got, err)
		}
	}
}

// TestSQLite: a name that means something in a URL is a name like others.
func TestSQLite(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a b?c#d%20.db")
	db, err := Open(t.Context(), "sqlite:"+file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.DB.Exec("CREATE TABLE t (n int)"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
}

func TestContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, "postgres://127.0.0.1:1/none"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
