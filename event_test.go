package cairn_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/cairndb/cairn"
)

func TestNames(t *testing.T) {
	for _, tc := range []struct {
		value fmt.Stringer
		want  string
	}{
		{cairn.JSON, "json"}, {cairn.Binary, "binary"}, {cairn.Protobuf, "protobuf"}, {cairn.Avro, "avro"}, {cairn.Format(9), "format 9"},
		{cairn.Revision(0), "0"}, {cairn.Revision(42), "42"}, {cairn.Revision(-3), "-3"}, {cairn.TombstoneRevision, "9223372036854775807"},
		{cairn.NoStream, "no stream"}, {cairn.Any, "any"}, {cairn.StreamExists, "stream exists"},
		{cairn.SoftDeleted, "soft-deleted"}, {cairn.Tombstoned, "tombstoned"},
		{cairn.StreamMissing, "missing"}, {cairn.StreamLive, "live"}, {cairn.StreamSoftDeleted, "soft-deleted"}, {cairn.StreamTombstoned, "tombstoned"},
	} {
		if got := tc.value.String(); got != tc.want {
			t.Errorf("%#v is called %q, want %q", tc.value, got, tc.want)
		}
	}
}

// The numbers of the KurrentDB protocol travel over wires and lie on disks.
func TestNumbersOfTheProtocol(t *testing.T) {
	got := []cairn.Revision{cairn.NoStream, cairn.Any, cairn.StreamExists, cairn.SoftDeleted, cairn.Tombstoned}
	if want := "[-1 -2 -4 -5 -6]"; fmt.Sprintf("%d", got) != want {
		t.Errorf("got %d, want %s", got, want)
	}
	if cairn.JSON != 0 || cairn.Binary != 1 || cairn.Protobuf != 2 || cairn.Avro != 3 {
		t.Error("the formats have other numbers")
	}
	if cairn.Keep != 0 || cairn.SoftDelete != 1 || cairn.Tombstone != 2 {
		t.Error("the deletions have other numbers")
	}
}

func TestCollect(t *testing.T) {
	broken := errors.New("broken")
	seq := func(yield func(int, error) bool) {
		_ = yield(1, nil) && yield(2, nil) && yield(0, broken) && yield(3, nil)
	}
	got, err := cairn.Collect(seq)
	if !errors.Is(err, broken) || fmt.Sprint(got) != "[1 2]" {
		t.Errorf("got %v, %v", got, err)
	}
	got, err = cairn.Collect(func(func(int, error) bool) {})
	if got != nil || err != nil {
		t.Errorf("of nothing: got %v, %v", got, err)
	}
}
