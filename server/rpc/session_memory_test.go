package rpc

import (
	"errors"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/proto/wire"
)

// many is the outcome of the largest batch there can be.
var many = cairn.Outcome{BatchReceipt: cairn.BatchReceipt{Revisions: make([]cairn.Revision, cairn.MaxBatchWrites), Position: 1}}

// TestSessionKeepsBoundedBytes commits large batches and never says that it has
// seen the answers.
func TestSessionKeepsBoundedBytes(t *testing.T) {
	n := &session{}
	var err error
	kept := 0
	for ; err == nil && kept < mostKept; kept++ {
		err = n.keep(uint64(kept), many)
	}
	if !errors.Is(err, errForgetful) || kept*8*cairn.MaxBatchWrites > 2*mostKeptBytes {
		t.Fatalf("got %v after %d", err, kept)
	}
	n.answered(uint64(kept))
	if n.bytes != 0 || len(n.kept) != 0 {
		t.Errorf("%d outcomes of %d bytes are kept when all was seen", len(n.kept), n.bytes)
	}
	if err := n.keep(uint64(kept)+1, many); err != nil {
		t.Errorf("then it keeps no more: %v", err)
	}
}

// TestIdleSessionsTakeBoundedBytes leaves many sessions that keep a lot. The latest
// is still there.
func TestIdleSessionsTakeBoundedBytes(t *testing.T) {
	s := newSessions(time.Hour)
	var last cairn.ID
	for range 64 {
		last = cairn.NewID()
		n, _, err := s.enter(t.Context(), wire.Open{Session: last, Attempt: 1}, "u")
		if err != nil {
			t.Fatal(err)
		}
		for i := range uint64(64) {
			if err := n.keep(i, many); err != nil {
				t.Fatal(err)
			}
		}
		s.leave(last, n, false)
	}
	s.forget(time.Now())
	bytes := 0
	for _, n := range s.all {
		bytes += n.bytes
	}
	if bytes == 0 || bytes > mostIdleBytes || s.all[last] == nil {
		t.Errorf("%d sessions of %d bytes are kept, the last among them: %t", len(s.all), bytes, s.all[last] != nil)
	}
}
