package disk_test

import (
	"fmt"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cairndb/cairn"
)

// TestReadersGoOnFromTheDisk follows what is on the disk and no longer in
// memory, while more is written: what a reader has read ahead is not taken for
// what came to be there since.
func TestReadersGoOnFromTheDisk(t *testing.T) {
	fs := &probe{FS: vfs.NewMem()} // whose segments have their length from the start
	add := func(s cairn.Store, n int) {
		for range n {
			if _, err := s.Append(t.Context(), "s", cairn.Any, cairn.Event{Type: "t", Data: make([]byte, 100)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	reads := map[string]func(s cairn.Store, more func()) (int, error){
		"log": func(s cairn.Store, more func()) (n int, err error) {
			for _, err = range s.ReadAll(t.Context(), cairn.AllOptions{Follow: true, Limit: 300, CaughtUp: func(cairn.Position) { more() }}) {
				n++
			}
			return n, err
		},
		"query": func(s cairn.Store, more func()) (n int, err error) {
			for _, err = range s.ReadAll(t.Context(), cairn.AllOptions{Follow: true, Limit: 300, Query: cairn.ByType("t"), CaughtUp: func(cairn.Position) { more() }}) {
				n++
			}
			return n, err
		},
		"stream": func(s cairn.Store, more func()) (n int, err error) {
			for _, err = range s.ReadStream(t.Context(), "s", cairn.ReadOptions{Follow: true, Limit: 300, CaughtUp: func(cairn.Revision) { more() }}) {
				n++
			}
			return n, err
		},
	}
	for name, read := range reads {
		t.Run(name, func(t *testing.T) {
			dir := fmt.Sprint("store-", name)
			o := hurried(fs)
			o.SegmentSize, o.TailSize = 64<<10, 1 // nothing stays in memory but the newest
			s := open(t, dir, o)
			add(s, 10)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = open(t, dir, o)
			defer s.Close()
			if n, err := read(s, func() { add(s, 7) }); n != 300 || err != nil {
				t.Errorf("%d events, %v", n, err)
			}
		})
	}
}
