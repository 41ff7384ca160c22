package filetarget

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/cairndb/cairn/projection"
)

// A payment is a row of the tests, with every kind of column.
type payment struct {
	N       int64     `json:"n" parquet:"n"`
	Account string    `json:"account" parquet:"account"`
	Note    *string   `json:"note" parquet:"note,optional"`
	Serial  uint64    `json:"serial" parquet:"serial"`
	Rate    float64   `json:"rate" parquet:"rate"`
	Paid    bool      `json:"paid" parquet:"paid"`
	Raw     []byte    `json:"raw" parquet:"raw"`
	At      time.Time `json:"at" parquet:"at,timestamp(microsecond)"`
}

// paymentOf is what event n says.
func paymentOf(n int64) payment {
	p := payment{N: n, Account: fmt.Sprintf("a\u2028%d\"\\\n\x00é", n), Serial: ^uint64(n), Rate: float64(n) / 3, Paid: n%2 == 0,
		Raw: []byte{0, byte(n), 255}, At: time.UnixMicro(1_700_000_000_000_000 + n*1001).UTC()}
	if n%3 == 0 {
		p.Note = &p.Account
	}
	return p
}

const checkpoint = "p/payments/1/lane/00"

// step applies event n: a row for one table, and for even ones another.
func step(ctx context.Context, t *Target, n int64) error {
	c := projection.Change{Expect: []projection.Entry{{Key: checkpoint}}, Put: []projection.Entry{{Key: checkpoint, Value: strconv.FormatInt(n, 10)}}}
	if n > 1 {
		c.Expect[0].Value = strconv.FormatInt(n-1, 10)
	}
	return t.Update(ctx, c, func(_ context.Context, tx *Tx) error {
		err := tx.Append("payment", paymentOf(n))
		if n%2 == 0 {
			err = errors.Join(err, tx.Append("even_b1", map[string]any{"n": n, "note": nil}))
		}
		return err
	})
}

// setUp makes the table that step writes maps to.
func setUp(ctx context.Context, t *Target) error {
	return t.Update(ctx, projection.Change{}, func(_ context.Context, tx *Tx) error {
		return tx.Create("even_b1", Column{Name: "n", Kind: Int}, Column{Name: "note", Kind: String, Optional: true})
	})
}

// check compares what readers of a disk see with what must be there of the events
// up to the manifest's own checkpoint, and returns that.
func check(t testing.TB, d disk) int64 {
	t.Helper()
	m, err := load(d)
	if err != nil {
		t.Fatal(err)
	}
	p, _ := strconv.ParseInt(m.Ledger[checkpoint], 10, 64)
	var want []payment
	var even []int64
	for n := int64(1); n <= p; n++ {
		if want = append(want, paymentOf(n)); n%2 == 0 {
			even = append(even, n)
		}
	}
	got := rowsOf[payment](t, d, m, "payment")
	if text(got) != text(want) {
		t.Fatalf("at %d: payments are %s, want %s", p, text(got), text(want))
	}
	var evens []int64
	for _, row := range rowsOf[struct {
		N int64 `json:"n" parquet:"n"`
	}](t, d, m, "even_b1") {
		evens = append(evens, row.N)
	}
	if !slices.Equal(evens, even) {
		t.Fatalf("at %d: even are %v, want %v", p, evens, even)
	}
	return p
}

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// rowsOf reads a table from the files that the manifest lists, each in its format.
func rowsOf[R any](t testing.TB, d disk, m *Manifest, table string) (all []R) {
	t.Helper()
	for _, p := range m.Table(table).Parts {
		data, err := d.Read(p.Name)
		if err != nil || int64(len(data)) != p.Bytes {
			t.Fatalf("%s has %d bytes, want %d (%v)", p.Name, len(data), p.Bytes, err)
		}
		rows := parse[R](t, p.Format, data)
		if int64(len(rows)) != p.Rows {
			t.Fatalf("%s has %d rows, want %d", p.Name, len(rows), p.Rows)
		}
		all = append(all, rows...)
	}
	return all
}

func parse[R any](t testing.TB, format Format, data []byte) (rows []R) {
	t.Helper()
	if format == NDJSON {
		for line := range bytes.Lines(data) {
			var row R
			if err := json.Unmarshal(line, &row); err != nil {
				t.Fatal(err)
			}
			rows = append(rows, row)
		}
		return rows
	}
	r := parquet.NewGenericReader[R](bytes.NewReader(data))
	rows = make([]R, r.NumRows())
	if n, err := r.Read(rows); n != len(rows) || err != nil && err != io.EOF {
		t.Fatal(n, err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return rows
}

// position is what the target says the checkpoint is.
func position(t testing.TB, target *Target) int64 {
	t.Helper()
	found, err := target.Entries(t.Context(), checkpoint)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		return 0
	}
	n, err := strconv.ParseInt(found[0].Value, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// small are options under which much is rotated.
func small(f Format) *Options { return &Options{Format: f, Rows: 4, Keep: time.Nanosecond} }
