package disk_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
)

// oldIndex is a copy of a store whose index is of format 2, which did not know
// what metadata implies. A version of Cairn from the time of that format wrote
// it; only its lock files were left out.
func oldIndex(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "index2"))); err != nil {
		t.Fatal(err)
	}
	return dir
}

// ofCheckout are the positions of the events in the store that belong to a
// correlation, or carry its tag.
func ofCheckout(t *testing.T, s cairn.Store) (all []cairn.Position) {
	t.Helper()
	q := cairn.ByTag(cairn.CorrelationTag("checkout-1"))
	for e, err := range s.ReadAll(t.Context(), cairn.AllOptions{Query: q}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e.Position)
	}
	if n, err := cairn.Count(t.Context(), s, q, 5); err != nil || n != int64(len(all)) {
		t.Errorf("%d counted, %v, want %d", n, err, len(all))
	}
	return all
}

func TestIndexOfFormat2IsMadeAgain(t *testing.T) {
	dir := oldIndex(t)
	for _, o := range []struct {
		what     string
		readOnly bool
		logged   bool
	}{
		{"read only", true, true},
		{"first", false, true},
		{"second", false, false},
		{"read only at last", true, false},
	} {
		var log bytes.Buffer
		s := open(t, dir, &disk.Options{ReadOnly: o.readOnly, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		if got := ofCheckout(t, s); !slices.Equal(got, []cairn.Position{1, 3, 4, 5}) {
			t.Errorf("%s: found %v", o.what, got)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if told := strings.Contains(log.String(), "its format is 2, and this version of Cairn reads format 3"); told != o.logged {
			t.Errorf("%s: logged %q", o.what, log.String())
		}
	}
}

// Verifying takes an old index for one that is missing, and changes nothing.
func TestVerifyIndexOfFormat2(t *testing.T) {
	dir := oldIndex(t)
	for _, reached := range []cairn.Position{0, 5} {
		r, err := disk.Verify(t.Context(), dir, nil)
		if err != nil || r.Events != 5 || r.IndexReached != reached {
			t.Errorf("%+v, %v", r, err)
		}
		if err := open(t, dir, nil).Close(); err != nil {
			t.Fatal(err)
		}
	}
}
