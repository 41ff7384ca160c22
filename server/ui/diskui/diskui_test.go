package diskui_test

import (
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/server/ui"
	"github.com/cairndb/cairn/server/ui/diskui"
)

func show(t *testing.T, store *disk.Store, err error) ui.Options {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	for range 3 {
		if _, err := store.Append(t.Context(), "order-1", cairn.Any, cairn.Event{Type: "placed", Data: []byte(`{}`)}); err != nil {
			t.Fatal(err)
		}
	}
	return diskui.Show(ui.Options{Version: "v"}, store)
}

func TestShow(t *testing.T) {
	store, err := disk.Open(t.TempDir(), nil)
	o := show(t, store, err)
	st, err := o.Storage(t.Context())
	if err != nil || o.Version != "v" || st.Events != 3 || st.Streams != 1 || st.Segments != 1 || st.LogBytes <= 0 || st.DiskBytes < st.LogBytes || st.FreeBytes <= 0 {
		t.Errorf("%+v %v", st, err)
	}
	if len(st.Categories) != 1 || st.Categories[0] != (ui.Count{Name: "order", Events: 3}) || len(st.Types) != 1 || st.Types[0] != (ui.Count{Name: "placed", Events: 3}) {
		t.Errorf("%+v", st)
	}
	v, err := o.Verify(t.Context(), func(int64, int64) {})
	if err != nil || v.Events != 3 || len(v.Problems) != 0 {
		t.Errorf("%+v %v", v, err)
	}
}

// TestShowOfMemory: a store in memory has no disk that could be full.
func TestShowOfMemory(t *testing.T) {
	store, err := disk.OpenMemory(nil)
	o := show(t, store, err)
	if st, err := o.Storage(t.Context()); err != nil || st.FreeBytes != -1 {
		t.Errorf("%+v %v", st, err)
	}
}
