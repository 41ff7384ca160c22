package disk

import (
	"math"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/index"
)

func TestRecordsComeBack(t *testing.T) {
	for _, r := range []record{
		blank,
		{metaLast: 3, metadata: index.Place{Position: 9, Address: 700}, truncate: 5, maxCount: 10, maxAge: time.Hour},
		{metaLast: cairn.NoStream, tombstoned: true, tombstone: index.Place{Position: 1, Address: 64}},
		{metaLast: math.MaxInt64, metadata: index.Place{Position: math.MaxUint64, Address: math.MaxUint64}, truncate: cairn.TombstoneRevision, maxCount: math.MaxInt64, maxAge: math.MaxInt64 / time.Second * time.Second},
	} {
		b := r.encode()
		got, err := decodeRecord(b)
		if err != nil || got != r {
			t.Errorf("got %+v, %v; want %+v", got, err, r)
		}
		for n := range b {
			if _, err := decodeRecord(b[:n]); err == nil {
				t.Errorf("%x, cut off after %d bytes, is taken", b, n)
			}
		}
	}
}

func FuzzDecodeRecord(f *testing.F) {
	f.Add(blank.encode())
	f.Add((&record{metaLast: 3, metadata: index.Place{Position: 9, Address: 700}, truncate: 5, maxCount: 10, maxAge: time.Hour}).encode())
	f.Add([]byte{0x80})
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := decodeRecord(b)
		if err != nil {
			return
		}
		again, err := decodeRecord(r.encode())
		if r.maxAge = r.maxAge / time.Second * time.Second; err != nil || r.maxAge >= 0 && again != r {
			t.Errorf("%+v became %+v, %v", r, again, err)
		}
	})
}

func TestFirstRevisionThatCanBeRead(t *testing.T) {
	for _, test := range []struct {
		truncate   cairn.Revision
		maxCount   int64
		last, want cairn.Revision
	}{
		{0, 0, 9, 0}, {4, 0, 9, 4}, {10, 0, 9, 10}, {11, 0, 9, 10}, {cairn.TombstoneRevision, 0, 9, 10},
		{0, 3, 9, 7}, {0, 10, 9, 0}, {0, 100, 9, 0}, {0, math.MaxInt64, 9, 0}, {8, 3, 9, 8}, {2, 3, 9, 7},
		{0, 0, cairn.NoStream, 0}, {5, 5, cairn.NoStream, 0},
	} {
		r := record{truncate: test.truncate, maxCount: test.maxCount}
		if got := r.from(test.last); got != test.want {
			t.Errorf("%+v: got %d", test, got)
		}
	}
}
