package cairn_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cairndb/cairn"
)

const anID = "018f2b6e-7c31-7d3a-9d0b-0242ac120002"

func TestNewID(t *testing.T) {
	seen := map[cairn.ID]bool{}
	for range 1000 {
		id := cairn.NewID()
		if id.IsZero() || seen[id] {
			t.Fatalf("made %v twice, or zero", id)
		}
		if id[6]>>4 != 7 || id[8]>>6 != 2 {
			t.Fatalf("%v is not a version 7 UUID", id)
		}
		seen[id] = true
	}
}

func TestNewIDsSortByTheirTime(t *testing.T) {
	var ids []string
	for _, ms := range []int64{0, 1, 255, 256, 1<<32 + 7, 1700000000000, 1<<48 - 1} {
		ids = append(ids, cairn.NewIDAt(time.UnixMilli(ms)).String())
	}
	if !slices.IsSorted(ids) {
		t.Errorf("later IDs sort before earlier ones: %v", ids)
	}
	if got := cairn.NewIDAt(time.UnixMilli(0x018f2b6e7c31)).String(); got[:13] != "018f2b6e-7c31" {
		t.Errorf("the ID of a known time is %v", got)
	}
}

func TestParseID(t *testing.T) {
	for _, s := range []string{anID, strings.ToUpper(anID), "00000000-0000-0000-0000-000000000000"} {
		id, err := cairn.ParseID(s)
		if err != nil || id.String() != strings.ToLower(s) {
			t.Errorf("%q is read as %v, %v", s, id, err)
		}
	}
	for _, s := range []string{"", anID[1:], anID + "0", "{" + anID[2:] + "}", strings.ReplaceAll(anID, "-", "0"),
		strings.Replace(anID, "7", "g", 1), strings.Replace(anID, "0", "-", 1), strings.Replace(anID, "-", "_", 1)} {
		id, err := cairn.ParseID(s)
		if e, ok := errors.AsType[*cairn.InvalidError](err); !ok || e.Field != "id" || !id.IsZero() {
			t.Errorf("%q is read as %v, %v", s, id, err)
		}
	}
}

func TestIDAsJSON(t *testing.T) {
	id, err := cairn.ParseID(anID)
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(map[cairn.ID]cairn.ID{id: id})
	if want := `{"` + anID + `":"` + anID + `"}`; err != nil || string(data) != want {
		t.Errorf("got %s, %v, want %s", data, err, want)
	}
	var back map[cairn.ID]cairn.ID
	if err := json.Unmarshal(data, &back); err != nil || back[id] != id {
		t.Errorf("read back as %v, %v", back, err)
	}
	if err := json.Unmarshal([]byte(`"none"`), &id); !errors.Is(err, cairn.ErrInvalid) {
		t.Errorf("a text that is no ID: %v", err)
	}
}

func FuzzParseID(f *testing.F) {
	f.Add(anID)
	f.Add("")
	f.Add(strings.Repeat("-", 36))
	f.Fuzz(func(t *testing.T, s string) {
		id, err := cairn.ParseID(s)
		if err != nil {
			if !errors.Is(err, cairn.ErrInvalid) || !id.IsZero() {
				t.Errorf("%q: %v, %v", s, id, err)
			}
			return
		}
		if id.String() != strings.ToLower(s) {
			t.Errorf("%q is written as %v", s, id)
		}
	})
}
