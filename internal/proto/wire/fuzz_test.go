package wire

import (
	"bytes"
	"testing"
	"time"

	"github.com/cairndb/cairn"
)

// FuzzRequests: no bytes from a client do harm, and what was understood is
// understood in the same way when it is encoded again.
func FuzzRequests(f *testing.F) {
	batch := fill[cairn.Batch]()
	f.Add(request(5, &batch))
	f.Add(AppendOpen(nil, Open{cairn.NewID(), 1}))
	for piece := range fragments(4, []byte("part")) {
		f.Add(piece)
	}
	again := func(t *testing.T, b []byte, must bool) (all []byte) {
		var r Request
		if err := new(RequestParser).Parse(b, &r); err != nil {
			if must {
				t.Fatal(err)
			}
			return nil
		}
		for _, s := range r.Batches {
			body, _ := AppendBatch(nil, &s.Batch, time.Now())
			all = AppendSubmission(all, s.Number, body)
		}
		return all
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		once := again(t, b, false)
		if twice := again(t, once, true); !bytes.Equal(once, twice) {
			t.Errorf("%x becomes %x", once, twice)
		}
	})
}

// FuzzResponses: no bytes from a server do harm.
func FuzzResponses(f *testing.F) {
	refused := cairn.Outcome{Err: everyError()[0]}
	f.Add(AppendOutcome(AppendHello(nil, fill[Hello]()), 5, &refused))
	f.Add(AppendOutcome(nil, 5, &cairn.Outcome{BatchReceipt: fill[cairn.BatchReceipt]()}))
	for piece := range fragments(3, []byte("part")) {
		f.Add(piece)
	}
	again := func(t *testing.T, b []byte, must bool) (all []byte) {
		var r Response
		if err := new(ResponseParser).Parse(b, &r); err != nil {
			if must {
				t.Fatal(err)
			}
			return nil
		}
		for _, o := range r.Outcomes {
			all = AppendOutcome(all, o.Number, &o.Outcome)
		}
		return all
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		again(t, again(t, b, false), true)
	})
}

// FuzzReadings: nor do those of a read.
func FuzzReadings(f *testing.F) {
	e := fill[cairn.Recorded]()
	f.Add(AppendProgress(AppendCaughtUp(AppendItem(AppendBegun(nil, fill[Begun]()), &e), -1), 7))
	for piece := range fragments(3, []byte("part")) {
		f.Add(piece)
	}
	again := func(t *testing.T, b []byte, must bool) (all []byte) {
		var r Reading
		if err := new(ReadingParser).Parse(b, &r); err != nil {
			if must {
				t.Fatal(err)
			}
			return nil
		}
		for i := range r.Items {
			all = AppendItem(all, &r.Items[i].Event)
		}
		return all
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		once := again(t, b, false)
		if twice := again(t, once, true); !bytes.Equal(once, twice) {
			t.Errorf("%x becomes %x", once, twice)
		}
	})
}
