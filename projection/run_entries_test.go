package projection_test

import (
	"testing"

	"github.com/cairndb/cairn/projection"
)

// A transaction whose answer is lost, and which has happened, is not taken for
// somebody else's: the lane is kept.
func TestALostAnswerIsRecognised(t *testing.T) {
	inTrial(t, func(t *trial) {
		lost := 0
		t.target.set(func(c projection.Change) error {
			if laneAt(t, c.Put) > 0 && laneAt(t, c.Expect) == 0 {
				lost++
				return errTxAfter
			}
			return nil
		})
		appendTo(t, t.store, "a", "b")
		if err := t.run(); err != errEnd {
			t.Fatal(err)
		}
		t.counts(map[string]int64{"a": 1, "b": 1})
		lanes, err := projection.Lanes(t.Context(), t.target, t.p.Name, 1)
		if err != nil || lost != 1 || lanes[0].Epoch != 1 || lanes[0].Owner != "" {
			t.Errorf("%d answers were lost, and the lanes are %+v, %v", lost, lanes, err)
		}
	})
}

// Each change of a key's events changes its entry, for who expects it to stand.
func TestParkingChangesTheKey(t *testing.T) {
	inTrial(t, func(t *trial) {
		t.parkB()
		entry := func() string {
			found, err := t.target.Entries(t.Context(), "p/counts/1/key/")
			if err != nil || len(found) != 1 {
				t.Fatalf("the keys are %v, %v", found, err)
			}
			return found[0].Value
		}
		before := entry()
		appendTo(t, t.store, "b")
		if err := t.run(); err != errEnd {
			t.Fatal(err)
		}
		if after := entry(); after == before {
			t.Errorf("another event was parked, and the key is still %s", after)
		}
	})
}
