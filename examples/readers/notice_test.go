package main

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/sqltarget"
)

// spoiled tells the processes of a campaign what is to be wrong with their target.
const spoiled = "CAIRN_READERS_SPOILED"

// spoil gives this process a target that is not one.
func spoil(how string) {
	switch how {
	case "unchecked":
		roles["counter"] = func(ctx context.Context, p part, out io.Writer) error {
			return onSQLite(p, func(target *sqltarget.Target) error {
				return run(ctx, p, out, unchecked{target}, sqlCounter("sqlite"))
			})
		}
	case "forgetful":
		roles["new"] = func(ctx context.Context, p part, out io.Writer) error {
			return onSQLite(p, func(target *sqltarget.Target) error {
				return deployTo(ctx, p, out, &forgetful{Target: target}, spending.at(2).sqlite())
			})
		}
	}
}

func onSQLite(p part, do func(*sqltarget.Target) error) error {
	db, err := p.Space.open()
	if err != nil {
		return err
	}
	return errors.Join(do(sqltarget.SQLite(db)), db.Close())
}

// unchecked is a target that does not look how entries stand.
type unchecked struct{ *sqltarget.Target }

func (u unchecked) Update(ctx context.Context, c projection.Change, fn func(context.Context, *sql.Tx) error) error {
	c.Expect = nil
	return u.Target.Update(ctx, c, fn)
}

// forgetful is a target that moves the checkpoint now and then, and writes no rows.
type forgetful struct {
	*sqltarget.Target
	n atomic.Int64
}

func (f *forgetful) Update(ctx context.Context, c projection.Change, fn func(context.Context, *sql.Tx) error) error {
	if f.n.Add(1)%5 == 0 {
		return f.Target.Apply(ctx, c)
	}
	return f.Target.Update(ctx, c, fn)
}

// notices runs a campaign in which something is wrong, and reports whether it says so.
func notices(t *testing.T, what string, args ...string) bool {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir()) // what has failed is kept
	var out strings.Builder
	err := command(t.Context(), append(args, "--patience=5m"), &out)
	if err != nil && !strings.Contains(err.Error(), what) {
		t.Logf("%s\n%v", &out, err)
	}
	return err != nil && strings.Contains(err.Error(), what) && strings.Contains(err.Error(), "seed")
}

// Two runners that both count, because nothing keeps one of them from it, may happen
// to take turns. They do not always.
func TestCountNoticesWhoDoesNotLook(t *testing.T) {
	t.Setenv(spoiled, "unchecked")
	for range 20 {
		if notices(t, "events were counted", "count", "--events=2000", "--kills=4", "--batch=50", "--lease=200ms") {
			return
		}
	}
	t.Error("the campaign is content with a target that does not look")
}

func TestDeployNoticesLostRows(t *testing.T) {
	t.Setenv(spoiled, "forgetful")
	if !notices(t, "version 1 and version 2 differ", calm("--kills=0")...) {
		t.Error("the campaign is content with rows that are missing")
	}
}

// What a reader is shown, one after the other, and what it says of it.
func TestReaderNotices(t *testing.T) {
	seen := change{n: 3, at: 30}
	for what, test := range map[string]struct {
		now    change
		failed error
		want   reading
	}{
		"the same":  {now: seen},
		"more":      {now: change{n: 4, at: 40}},
		"less":      {now: change{n: 2, at: 20}, want: reading{Back: 1}},
		"fewer":     {now: change{n: 2, at: 40}, want: reading{Back: 1}},
		"an error":  {failed: errors.New("gone"), want: reading{Errors: 1}},
		"not a row": {failed: sql.ErrNoRows, want: reading{Errors: 1}},
	} {
		r := &reader{seen: map[int64]change{7: seen}, reads: bufio.NewWriter(io.Discard), out: io.Discard}
		if err := r.note(7, r.floor(7), test.now, 1, time.Now(), test.failed); err != nil {
			t.Fatal(err)
		}
		got := r.reading
		if got.Reads != 1 || got.Back != test.want.Back || got.Errors != test.want.Errors || (got.Backward == "") != (got.Back == 0) || (got.Error == "") != (got.Errors == 0) {
			t.Errorf("%s: got %+v", what, got)
		}
	}
}

// A report in which all is well, and what breaks it.
func TestJudge(t *testing.T) {
	at := time.Unix(1000, 0)
	after := func(d time.Duration) time.Time { return at.Add(d) }
	c := &deployConfig{Pause: 100 * time.Millisecond, Back: time.Second}
	c.Kills = 5
	for want, spoil := range map[string]func(*deployReport){
		"":                   func(*deployReport) {},
		"reads failed":       func(r *deployReport) { r.Reading.Errors = 1 },
		"back in time":       func(r *deployReport) { r.Reading.Back = 1 },
		"rows":               func(r *deployReport) { r.Wrong = []string{"the rows"} },
		"may take 100ms":     func(r *deployReport) { r.reads[1].took = 101 * time.Millisecond },
		"may take 1s":        func(r *deployReport) { r.Turns[1].Ended = after(12 * time.Second) },
		"4 kills":            func(r *deployReport) { r.Kills = 4 },
		"2 switches":         func(r *deployReport) { r.Turns = r.Turns[:2] },
		"and 0 reads":        func(r *deployReport) { r.Reading.Reads = 0 },
		"around the switch ": func(r *deployReport) { r.reads[0] = aRead{after(-5 * time.Second), 10 * time.Second} },
	} {
		r := &deployReport{
			Kills: 5, Reading: reading{Reads: 3},
			Turns: []turn{{"version 2", at, at}, {"version 1", after(10 * time.Second), after(10 * time.Second)}, {"version 2", after(20 * time.Second), after(20 * time.Second)}},
			reads: []aRead{{after(0), time.Millisecond}, {after(9500 * time.Millisecond), time.Millisecond}, {after(30 * time.Second), time.Minute}},
		}
		spoil(r)
		err := r.judge(c)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v", want, err)
		}
	}
}

func TestCompare(t *testing.T) {
	want := map[string]sum{"a": {3, 6}, "b": {1, 4}}
	for what, rows := range map[string]map[string]sum{
		"twice":     {"a": {4, 8}, "b": {1, 4}},
		"lost":      {"a": {3, 6}},
		"exchanged": {"a": {3, 7}, "b": {1, 4}},
		"invented":  {"a": {3, 6}, "b": {1, 4}, "c": {1, 1}},
	} {
		if compare(rows, want) == nil {
			t.Errorf("%s: it is content", what)
		}
	}
	if err := compare(want, want); err != nil {
		t.Error(err)
	}
}

// A process that ends by itself is a failure, whoever it is.
func TestWhoEnds(t *testing.T) {
	c := newCrew(&config{Lease: time.Hour, Patience: time.Hour}, space{})
	p := &process{part: part{Role: "counter"}, ended: make(chan error, 1)}
	p.ended <- errors.New("tired")
	c.processes = []*process{p}
	err := c.until(t.Context(), "anything", func() bool { return false })
	if err == nil || !strings.Contains(err.Error(), "tired") {
		t.Errorf("got %v", err)
	}
}

// Nothing that comes further is one, too.
func TestSilence(t *testing.T) {
	c := newCrew(&config{Lease: time.Hour, Patience: time.Millisecond}, space{})
	err := c.until(t.Context(), "the impossible", func() bool { return false })
	if err == nil || !strings.Contains(err.Error(), "the impossible") {
		t.Errorf("got %v", err)
	}
}

func TestPlayRefuses(t *testing.T) {
	if status := play("{", strings.NewReader(""), os.Stdout); status != 2 {
		t.Errorf("got %d", status)
	}
}
