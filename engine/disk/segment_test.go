package disk

import (
	"math"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cairndb/cairn"
)

func TestSegmentNames(t *testing.T) {
	for _, p := range []cairn.Position{1, 42, 1 << 40, math.MaxUint64} {
		if got, ok := parseSegmentName(segmentName(p)); !ok || got != p {
			t.Errorf("%s: %d, %t", segmentName(p), got, ok)
		}
	}
	for _, name := range []string{
		"", ".seg", "1.seg", "00000000000000000001", "00000000000000000000.seg", "0000000000000000000x.seg",
		"+0000000000000000001.seg", "99999999999999999999.seg", "00000000000000000001.seg.tmp", "000000000000000000001.seg",
	} {
		if p, ok := parseSegmentName(name); ok {
			t.Errorf("%q is taken for the segment of position %d", name, p)
		}
	}
}

func TestAddressesRiseWithSegments(t *testing.T) {
	last := address(0)
	for _, s := range []*segment{{ordinal: 0}, {ordinal: 1}, {ordinal: math.MaxUint32}} {
		for _, offset := range []int64{headerSize, headerSize + 1, math.MaxUint32} {
			at := s.at(offset)
			if ordinal, o := split(at); ordinal != s.ordinal || o != offset || at <= last {
				t.Errorf("segment %d, offset %d: address %d behind %d", s.ordinal, offset, at, last)
			}
			last = at
		}
	}
}

func TestSegmentHeader(t *testing.T) {
	id := cairn.NewID()
	s := segment{ordinal: 7, first: 1 << 33, path: "seg"}
	whole := s.header(id, 12345)
	check := func(b []byte, s *segment, id cairn.ID) error {
		f := vfs.NewMemFile(b)
		defer f.Close()
		return s.check(f, id)
	}
	if err := check(whole, &s, id); err != nil {
		t.Fatal(err)
	}
	for i := range 52 {
		b := append([]byte(nil), whole...)
		b[i] ^= 0x10
		if err := check(b, &s, id); err == nil {
			t.Errorf("byte %d flipped, and nothing is said", i)
		}
	}
	for n := range 52 {
		if err := check(whole[:n:n], &s, id); !isCorrupt(err) {
			t.Errorf("cut off after %d bytes: %v", n, err)
		}
	}
	for name, other := range map[string]*segment{"another ordinal": {ordinal: 6, first: s.first}, "another position": {ordinal: 7, first: 1}} {
		if err := check(whole, other, id); !isCorrupt(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := check(whole, &s, cairn.NewID()); !isCorrupt(err) {
		t.Errorf("another store: %v", err)
	}
}

func TestPlans(t *testing.T) {
	list := []*segment{{ordinal: 0, first: 1}, {ordinal: 1, first: 50}}
	fresh := func() *segments {
		l := &segments{limit: 1000}
		l.list.Store(&list)
		return l
	}
	in := func(ordinal uint32, offset int64) address { return (&segment{ordinal: ordinal}).at(offset) }
	for name, test := range map[string]struct {
		end   address
		first cairn.Position
		n     int
		want  address
	}{
		"an empty log":              {0, 1, 10, in(0, 64)},
		"an empty log, much":        {0, 1, 5000, in(0, 64)},
		"room":                      {in(1, 500), 60, 500, in(1, 500)},
		"no room":                   {in(1, 500), 60, 501, in(2, 64)},
		"much in an empty segment":  {in(1, 64), 50, 5000, in(1, 64)},
		"more keys in one of keys":  {in(1, 990), 50, 100, in(1, 990)},
		"events in one of keys":     {in(1, 990), 51, 100, in(2, 64)},
		"in a segment over its end": {in(1, 6000), 60, 1, in(2, 64)},
	} {
		if got := fresh().Plan(test.end, test.first, test.n); got != test.want {
			t.Errorf("%s: got %#x, want %#x", name, got, test.want)
		}
	}
	ahead := fresh()
	end := ahead.Plan(in(1, 900), 60, 200)
	if got := ahead.Plan(end+950, 60, 200); got != end+950 {
		t.Errorf("behind nothing but keys in a segment that is yet to be made: %#x", got)
	}
	if got := ahead.Plan(end+950, 61, 200); got != in(3, 64) {
		t.Errorf("behind events in a segment that is yet to be made: %#x", got)
	}
	failed := fresh()
	failed.least.Store(2)
	if got := failed.Plan(in(1, 500), 60, 1); got != in(2, 64) {
		t.Errorf("when a segment could not be begun: %#x", got)
	}
}
