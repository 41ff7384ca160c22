package importer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/ndjson"
	"github.com/cairndb/cairn/storetest"
)

// id makes an ID out of a number.
func id(n int) (id cairn.ID) {
	id[0], id[14], id[15] = 1, byte(n>>8), byte(n)
	return id
}

// row is the line of an event.
func row(n int, stream, kind, data string) string {
	return fmt.Sprintf(`{"id":"%v","stream":%q,"type":%q,"data":%s,"created":"2012-10-29T16:12:25Z"}`+"\n", id(n), stream, kind, data)
}

// rows are many lines over a few streams, in no order.
func rows(from, to int) string {
	var b strings.Builder
	for n := from; n < to; n++ {
		b.WriteString(row(n, fmt.Sprintf("s-%d", n*n%7), "T", fmt.Sprintf(`{"n":%d}`, n)))
	}
	return b.String()
}

func load(t *testing.T, s Store, text string) Summary {
	t.Helper()
	sum, err := Import(t.Context(), s, strings.NewReader(text), Options{})
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// dump is what an export of the store would be.
func dump(t *testing.T, s cairn.LogReader) string {
	t.Helper()
	var b []byte
	for e, err := range s.ReadAll(t.Context(), cairn.AllOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		b = append(ndjson.Append(b, &e), '\n')
	}
	return string(b)
}

func TestImportKeepsLines(t *testing.T) {
	s := storetest.NewReference()
	text := rows(0, 2000)
	if got := load(t, s, text); got.Stored != 2000 || got.Known != 0 || got.Lines != 2000 {
		t.Fatalf("got %+v, want 2000 stored", got)
	}
	if dump(t, s) != text {
		t.Fatal("what came out is not what went in")
	}
}

func TestImportAgain(t *testing.T) {
	s := storetest.NewReference()
	load(t, s, rows(0, 1000))
	more := rows(0, 300) + rows(2000, 2100) + rows(300, 1500) + rows(2000, 2100)
	if got := load(t, s, more); got.Stored != 600 || got.Known != 1100 {
		t.Fatalf("got %+v, want 600 stored and 1100 known", got)
	}
	if got := load(t, s, more); got.Stored != 0 || got.Known != 1700 {
		t.Fatalf("the second time: got %+v, want none stored", got)
	}
}

func TestImportSameIDInTwoStreams(t *testing.T) {
	s := storetest.NewReference()
	text := row(1, "a", "T", "1") + row(1, "b", "T", "1") + row(1, "a", "T", "2")
	if got := load(t, s, text); got.Stored != 2 || got.Known != 1 {
		t.Fatalf("got %+v, want 2 stored, 1 known", got)
	}
}

func TestImportRecognisesHiddenEvents(t *testing.T) {
	s := storetest.NewReference()
	load(t, s, rows(0, 50))
	if _, err := cairn.Truncate(t.Context(), s, "s-1", 5); err != nil {
		t.Fatal(err)
	}
	if _, err := cairn.DeleteStream(t.Context(), s, "s-2", cairn.Any); err != nil {
		t.Fatal(err)
	}
	if _, err := cairn.TombstoneStream(t.Context(), s, "s-4", cairn.Any); err != nil {
		t.Fatal(err)
	}
	if got := load(t, s, rows(0, 50)); got.Stored != 0 || got.Known != 50 {
		t.Fatalf("got %+v, want none stored", got)
	}
}

// A stopper ends the context when the store has taken so many batches.
type stopper struct {
	cairn.Store
	stop  context.CancelCauseFunc
	after int
}

var errStop = errors.New("stop")

func (s *stopper) Commit(ctx context.Context, b cairn.Batch) (cairn.BatchReceipt, error) {
	r, err := s.Store.Commit(ctx, b)
	if s.after--; s.after == 0 {
		s.stop(errStop)
	}
	return r, err
}

func TestImportGoesOnAfterInterruption(t *testing.T) {
	text := rows(0, 3000)
	ctx, stop := context.WithCancelCause(t.Context())
	s := &stopper{storetest.NewReference(), stop, 2}
	sum, err := Import(ctx, s, strings.NewReader(text), Options{})
	if !errors.Is(err, errStop) || sum.Stored != 2*batchEvents {
		t.Fatalf("got %+v, %v, want two batches and the cause", sum, err)
	}
	if got := load(t, s, text); got.Stored+sum.Stored != 3000 || dump(t, s) != text {
		t.Fatalf("the second run: got %+v, or another order", got)
	}
}

// A rival writes to a stream just before the store takes a batch.
type rival struct {
	cairn.Store
	t    *testing.T
	acts []func(cairn.Store) error
}

func (r *rival) Commit(ctx context.Context, b cairn.Batch) (cairn.BatchReceipt, error) {
	if len(r.acts) > 0 {
		if err := r.acts[0](r.Store); err != nil {
			r.t.Error(err)
		}
		r.acts = r.acts[1:]
	}
	return r.Store.Commit(ctx, b)
}

func TestImportNoticesRivals(t *testing.T) {
	write := func(n int) func(cairn.Store) error {
		return func(s cairn.Store) error {
			_, err := s.Append(t.Context(), "s-1", cairn.Any, cairn.Event{ID: id(n), Type: "T"})
			return err
		}
	}
	s := &rival{storetest.NewReference(), t, []func(cairn.Store) error{write(1), write(9999), write(6)}}
	if got := load(t, s, rows(0, 100)); got.Stored != 98 || got.Known != 2 {
		t.Fatalf("got %+v, want 98 stored and the rival's 2 known", got)
	}
}

func TestImportGivesUp(t *testing.T) {
	s := &rival{Store: storetest.NewReference(), t: t}
	for n := range attempts {
		s.acts = append(s.acts, func(s cairn.Store) error {
			_, err := s.Append(t.Context(), "s-1", cairn.Any, cairn.Event{ID: id(n + 5000), Type: "T"})
			return err
		})
	}
	_, err := Import(t.Context(), s, strings.NewReader(rows(0, 10)), Options{})
	if !errors.Is(err, cairn.ErrConflict) {
		t.Fatalf("got %v, want a conflict", err)
	}
}

func TestImportStopsAtBrokenLine(t *testing.T) {
	s := storetest.NewReference()
	sum, err := Import(t.Context(), s, strings.NewReader(rows(0, 10)+"{\n"+rows(10, 20)), Options{})
	e, ok := errors.AsType[*LineError](err)
	if !ok || e.Number != 11 || string(e.Text) != "{" || sum.Stored != 10 {
		t.Fatalf("got %+v, %v", sum, err)
	}
	if dump(t, s) != rows(0, 10) {
		t.Fatal("not exactly the lines before the broken one are stored")
	}
}

func TestImportSkipsBrokenLines(t *testing.T) {
	s := storetest.NewReference()
	long := strings.Repeat("x", ndjson.MaxLine+1)
	var numbers []int
	o := Options{Invalid: func(e *LineError) error { numbers = append(numbers, e.Number); return nil }}
	sum, err := Import(t.Context(), s, strings.NewReader("x\n"+rows(0, 5)+long+"\n\n"+rows(5, 10)+"{}"), o)
	if err != nil || sum.Stored != 10 || sum.Invalid != 3 || fmt.Sprint(numbers) != "[1 7 14]" {
		t.Fatalf("got %+v, %v, broken lines %v", sum, err, numbers)
	}
}

func TestImportReportsFailedInput(t *testing.T) {
	s := storetest.NewReference()
	in := io.MultiReader(strings.NewReader(rows(0, 10)), &failing{})
	sum, err := Import(t.Context(), s, in, Options{})
	if !errors.Is(err, errBroken) || !strings.HasPrefix(err.Error(), "after line 10: ") || sum.Stored != 10 {
		t.Fatalf("got %+v, %v", sum, err)
	}
}

var errBroken = errors.New("broken")

type failing struct{}

func (*failing) Read([]byte) (int, error) { return 0, errBroken }

func TestImportDryRun(t *testing.T) {
	s := storetest.NewReference()
	load(t, s, rows(0, 10))
	sum, err := Import(t.Context(), s, strings.NewReader(rows(0, 20)+rows(15, 20)), Options{DryRun: true})
	if err != nil || sum.Stored != 10 || sum.Known != 15 {
		t.Fatalf("got %+v, %v", sum, err)
	}
	if dump(t, s) != rows(0, 10) {
		t.Fatal("a dry run stored something")
	}
}

func TestImportProgress(t *testing.T) {
	var last Summary
	o := Options{Progress: func(s Summary) { last = s }}
	sum, err := Import(t.Context(), storetest.NewReference(), bytes.NewReader([]byte(rows(0, 1300))), o)
	if err != nil || last.Stored != sum.Stored || sum.Stored != 1300 {
		t.Fatalf("got %+v, told %+v, %v", sum, last, err)
	}
}
