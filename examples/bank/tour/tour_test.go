package tour_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/examples/bank/bank"
	"github.com/cairndb/cairn/examples/bank/tour"
	"github.com/cairndb/cairn/storetest"
)

// kept is a store that outlives being closed.
type kept struct{ cairn.Store }

func (kept) Close() error { return nil }

// options take the tour through a store in memory. Its crash is not one, but
// another bank does make the transfer.
func options(t *testing.T, out *bytes.Buffer) tour.Options {
	store := storetest.NewReference()
	t.Cleanup(func() { store.Close() })
	return tour.Options{
		Out:  out,
		Dir:  "./bank-data",
		Open: func(string) (cairn.Store, error) { return kept{store}, nil },
		Crash: func(ctx context.Context, move bank.Transfer) (bank.Receipt, error) {
			return bank.New(store, nil).Transfer(ctx, move)
		},
	}
}

// TestTourTwice: the second tour goes on in the store of the first.
func TestTourTwice(t *testing.T) {
	var out bytes.Buffer
	o := options(t, &out)
	for run := 1; run <= 2; run++ {
		out.Reset()
		if err := tour.Run(t.Context(), o); err != nil {
			t.Fatalf("run %d: %v\n%s", run, err, &out)
		}
		for _, want := range []string{
			fmt.Sprintf("ann-%d", run), "is taken", "insufficient funds", "made before", "account.transfer-sent",
			"12. ", "bin/cairn stat", "./bank-data",
		} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("run %d does not show %q", run, want)
			}
		}
	}
	if !strings.Contains(out.String(), "events from before") || strings.Contains(out.String(), "ann-1") {
		t.Error("the second run does not go on where the first ended")
	}
}

func TestTourFitsAndIsPlain(t *testing.T) {
	var out bytes.Buffer
	o := options(t, &out)
	if err := tour.Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		if line = strings.TrimSuffix(line, "\n"); utf8.RuneCountInString(line) > 100 {
			t.Errorf("%d columns: %s", utf8.RuneCountInString(line), line)
		}
		if strings.Contains(line, "\x1b") {
			t.Errorf("escape sequence without a terminal: %q", line)
		}
	}
	out.Reset()
	o.Styled = true
	if err := tour.Run(t.Context(), o); err != nil || !strings.Contains(out.String(), "\x1b[1m1. ") {
		t.Errorf("the styled tour has no bold headings (%v)", err)
	}
}

// TestTourFindsALostTransfer: the tour does not say that all is well when it is
// not.
func TestTourFindsALostTransfer(t *testing.T) {
	var out bytes.Buffer
	o := options(t, &out)
	o.Crash = func(context.Context, bank.Transfer) (bank.Receipt, error) { return bank.Receipt{Position: 1}, nil }
	if err := tour.Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "step 10") {
		t.Errorf("Run = %v; want an error in step 10", err)
	}
}

func TestTourStops(t *testing.T) {
	var out bytes.Buffer
	o := options(t, &out)
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	o.Crash = func(context.Context, bank.Transfer) (bank.Receipt, error) {
		cancel(cause)
		return bank.Receipt{}, ctx.Err()
	}
	if err := tour.Run(ctx, o); err == nil {
		t.Error("Run went on behind the end of its context")
	}
}
