package cairn_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/cairndb/cairn"
)

func TestErrorsAnswerToTheirSentinel(t *testing.T) {
	sentinels := []error{cairn.ErrConflict, cairn.ErrStreamDeleted, cairn.ErrInvalid, cairn.ErrCorrupt, cairn.ErrClosed,
		cairn.ErrNoSpace, cairn.ErrFailed, cairn.ErrReadOnly, cairn.ErrUnknownOutcome}
	for i, err := range []error{&cairn.ConflictError{}, &cairn.DeletedError{}, &cairn.InvalidError{}, &cairn.CorruptError{}} {
		wrapped := fmt.Errorf("while testing: %w", err)
		for j, sentinel := range sentinels {
			if errors.Is(wrapped, sentinel) != (i == j) {
				t.Errorf("%T is %v: %v", err, sentinel, i != j)
			}
		}
	}
}

func TestErrorsSayWhatHappened(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want string
	}{
		{&cairn.ConflictError{Stream: "order-1", Expected: cairn.NoStream, Actual: 2},
			`cairn: conflict: stream "order-1" is at 2, expected no stream`},
		{&cairn.ConflictError{Stream: "order-1", Expected: 1, Actual: 2, Positions: []cairn.Position{7}},
			`cairn: conflict: stream "order-1" is at 2, expected 1 (in the way: position 7)`},
		{&cairn.ConflictError{Query: cairn.ByType("x"), After: 4, Positions: []cairn.Position{7, 9, 11}},
			`cairn: conflict: the query matches events after position 4 (in the way: position 7 and 2 more)`},
		{&cairn.ConflictError{Stream: "a", Expected: 0, Actual: cairn.Tombstoned, Others: []*cairn.ConflictError{{}, {}}},
			`cairn: conflict: stream "a" is at tombstoned, expected 0 and 2 more conflicts`},
		{&cairn.DeletedError{Stream: "a", Tombstone: true}, `cairn: stream "a" is deleted for good (tombstoned)`},
		{&cairn.DeletedError{Stream: "a"}, `cairn: stream "a" is deleted; expect no stream, its last revision or any to write to it again`},
		{&cairn.InvalidError{Field: "stream", Problem: "must not be empty"}, `cairn: invalid stream: must not be empty`},
		{&cairn.CorruptError{Path: "log/1.seg", Offset: 64, Problem: "bad checksum"}, `cairn: log/1.seg is damaged at byte 64: bad checksum`},
		{&cairn.CorruptError{Path: "log/1.seg", Offset: 64, Position: 3, Problem: "bad checksum", Hint: "restore a backup"},
			`cairn: log/1.seg is damaged at byte 64: bad checksum (position 3); restore a backup`},
	} {
		if got := tc.err.Error(); got != tc.want {
			t.Errorf("got  %s\nwant %s", got, tc.want)
		}
	}
}
