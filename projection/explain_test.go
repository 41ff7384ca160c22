package projection

import (
	"errors"
	"testing"

	"github.com/cairndb/cairn"
)

func TestExplain(t *testing.T) {
	log, ledger := someLog(10), newShelf()
	begin(ledger, log, oneBuild)
	for _, p := range []cairn.Position{11, 3, 7} {
		ledger.put(testPlace.rowAt(1, "balance/ann", p), "balance/ann")
		ledger.put(testPlace.rowAt(1, "balance/bob", p+1), "balance/bob")
		ledger.put(testPlace.rowAt(2, "balance/ann", p+2), "balance/ann")
	}
	var got []cairn.Position
	for _, e := range all(t, Explain(t.Context(), log, ledger, testName, "balance/ann")) {
		if got = append(got, e.Position); e.ID != log.events[e.Position-1].ID {
			t.Errorf("%+v", e)
		}
	}
	if len(got) != 3 || got[0] != 3 || got[1] != 7 || got[2] != 11 {
		t.Errorf("got %v", got)
	}
	for e, err := range Explain(t.Context(), log, ledger, testName, "balance/ann") {
		if err != nil || e.Position != 3 {
			t.Error(e.Position, err)
		}
		break // in between
	}
}

func TestExplainWhatIsNotKnown(t *testing.T) {
	log, ledger := someLog(3), newShelf()
	failure := func(name, row string) (last error) {
		for e, err := range Explain(t.Context(), log, ledger, name, row) {
			if last = err; err != nil && e.Position > 0 {
				t.Errorf("an event and an error: %+v, %v", e, err)
			}
		}
		return last
	}
	if err := failure(testName, "x"); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
	begin(ledger, log, oneBuild)
	if err := failure(testName, "x"); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
	if err := failure("No Name", "x"); !errors.Is(err, cairn.ErrInvalid) {
		t.Error(err)
	}
	ledger.put(testPlace.rowAt(1, "x", 99), "x")
	if err := failure(testName, "x"); !errors.Is(err, ErrUnknown) {
		t.Errorf("an event that the log holds no more: %v", err)
	}
	log.events = append(log.events[:4], log.events[5:]...)
	ledger.put(testPlace.rowAt(1, "z", 5), "z")
	if err := failure(testName, "z"); !errors.Is(err, ErrUnknown) {
		t.Errorf("an event in whose place there is another one: %v", err)
	}
	ledger.put(testPlace.row(1, "y")+"seven", "y")
	if err := failure(testName, "y"); err == nil {
		t.Error("an entry that names no position")
	}
}
