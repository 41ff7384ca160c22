package filetarget

import (
	"bytes"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/cairndb/cairn"
)

// records are examples of what a journal holds.
func records() []*record {
	return []*record{
		{Put: map[string]string{"p/a": `{"n":1}`, "p/b": ""}},
		{Make: map[string][]Column{"t": {{Name: "n", Kind: Int}}}},
		{Rows: []chunk{{"t", 2, 16}}, lines: map[string][]byte{"t": []byte("{\"n\":1}\n{\"n\":2}\n")}},
		{},
	}
}

func journalOf(t testing.TB, records ...*record) (data []byte, ends []int) {
	for _, r := range records {
		b, err := r.encode()
		if err != nil {
			t.Fatal(err)
		}
		data = append(data, b...)
		ends = append(ends, len(data))
	}
	return data, ends
}

// FuzzJournal takes any bytes for a journal. What it reads of them it must be able
// to write again, and what it does not understand is damage, not a panic.
func FuzzJournal(f *testing.F) {
	data, ends := journalOf(f, records()...)
	f.Add(data)
	f.Add(data[ends[0]:ends[2]])
	f.Add(data[:ends[1]-3])
	f.Add(make([]byte, 40))
	f.Fuzz(func(t *testing.T, data []byte) {
		var again []byte
		err := replay("journal-00000001", data, func(r *record) error {
			b, err := r.encode()
			again = append(again, b...)
			return err
		})
		if err != nil && !errors.Is(err, cairn.ErrCorrupt) {
			t.Fatal(err)
		}
		var twice []byte
		if err := replay("", again, func(r *record) error {
			b, err := r.encode()
			twice = append(twice, b...)
			return err
		}); err != nil || !bytes.Equal(again, twice) {
			t.Fatalf("%v: %q and then %q", err, again, twice)
		}
	})
}

// FuzzManifest takes any bytes for a manifest.
func FuzzManifest(f *testing.F) {
	m := &Manifest{Next: 9, Journal: "journal-00000008", Published: map[string]int{"t": 2}, Ledger: map[string]string{"p/a": "1"},
		Tables: map[string]Table{"t_b2": {Columns: []Column{{Name: "n", Kind: Int}}, Parts: []Part{{"t_b2/00000007.parquet", Parquet, 1, 2, "0000abcd"}}}}}
	text, err := m.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add(bytes.Replace(text, []byte("00000008"), []byte("00000009"), 1))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := decodeManifest(data)
		if err != nil {
			if !errors.Is(err, cairn.ErrCorrupt) {
				t.Fatal(err)
			}
			return
		}
		text, err := m.encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decodeManifest(text); err != nil {
			t.Fatal(err)
		}
	})
}

// A stored is a payment as it is in Parquet: the reader of the tests makes times of
// nanoseconds, which do not reach as far.
type stored struct {
	N       int64   `parquet:"n"`
	Account string  `parquet:"account"`
	Note    *string `parquet:"note,optional"`
	Serial  uint64  `parquet:"serial"`
	Rate    float64 `parquet:"rate"`
	Paid    bool    `parquet:"paid"`
	Raw     []byte  `parquet:"raw"`
	At      int64   `parquet:"at,timestamp(microsecond)"`
}

func (s stored) payment() payment {
	return payment{s.N, s.Account, s.Note, s.Serial, s.Rate, s.Paid, s.Raw, time.UnixMicro(s.At).UTC()}
}

// FuzzRow writes any row: what is not refused must come back the same in both
// formats, also when it is written again as part of a larger file.
func FuzzRow(f *testing.F) {
	f.Add("a", []byte{0}, int64(-1), uint64(1<<63), 0.1, int64(1_700_000_000_000_001), true)
	f.Add("\x00\u2028\"\\<", []byte(nil), int64(math.MinInt64), uint64(math.MaxUint64), 5e-324, int64(-62_167_219_200_000_000), false)
	f.Add("", []byte("\n"), int64(0), uint64(0), math.MaxFloat64, int64(253_402_300_799_999_999), true)
	f.Fuzz(func(t *testing.T, s string, raw []byte, n int64, serial uint64, rate float64, micros int64, null bool) {
		p := payment{N: n, Account: s, Serial: serial, Rate: rate, Paid: null, Raw: append([]byte{}, raw...), At: time.UnixMicro(micros).UTC()}
		if !null {
			p.Note = &p.Account
		}
		columns, err := Columns[payment]()
		if err != nil {
			t.Fatal(err)
		}
		line, err := appendRow(nil, columns, p)
		if err != nil {
			if !errors.Is(err, cairn.ErrInvalid) {
				t.Fatal(err)
			}
			return
		}
		var once, twice bytes.Buffer
		if err := errors.Join(writeParquet(&once, "payment", columns, nil, line), writeParquet(&twice, "payment", columns, [][]byte{once.Bytes()}, line)); err != nil {
			t.Fatal(err)
		}
		got := parse[payment](t, NDJSON, line)
		for _, row := range parse[stored](t, Parquet, twice.Bytes()) {
			got = append(got, row.payment())
		}
		if want := text([]payment{p, p, p}); text(got) != want {
			t.Fatalf("got %s, want %s", text(got), want)
		}
	})
}

// TestTornJournal cuts a journal everywhere, and spoils every byte of it.
func TestTornJournal(t *testing.T) {
	data, ends := journalOf(t, records()...)
	count := func(data []byte) (n int, err error) {
		err = replay("j", data, func(*record) error { n++; return nil })
		return n, err
	}
	for cut := range len(data) {
		want := 0
		for want < len(ends) && ends[want] <= cut {
			want++
		}
		if n, err := count(data[:cut]); n != want || err != nil {
			t.Fatalf("cut at %d: %d records, %v; want %d", cut, n, err, want)
		}
		bad := bytes.Clone(data)
		bad[cut] ^= 0x40
		n, err := count(bad)
		if last := cut >= ends[len(ends)-2]; n != want || last != (err == nil) || !last && !errors.Is(err, cairn.ErrCorrupt) {
			t.Fatalf("spoilt at %d: %d records, %v; want %d", cut, n, err, want)
		}
	}
}
