package torture

import (
	"context"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/examples/bank/account"
)

// A tape plays a log that was recorded, and perhaps tampered with.
type tape struct {
	cairn.Store // nothing else is asked
	log         []cairn.Recorded
}

func (p tape) Info(context.Context) (cairn.Info, error) {
	return cairn.Info{Head: cairn.Position(len(p.log))}, nil
}

func (p tape) ReadAll(_ context.Context, o cairn.AllOptions) iter.Seq2[cairn.Recorded, error] {
	return func(yield func(cairn.Recorded, error) bool) {
		for _, r := range p.log[o.After:] {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// record runs a short campaign and returns its log, and where its answers are.
func record(t *testing.T) (settings, uint32, []cairn.Recorded) {
	t.Helper()
	k := newKeeper(t)
	c := short(t, k.open)
	c.Duration = 150 * time.Millisecond
	c.Seed = 1
	r, err := Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	log, err := cairn.Collect(k.store.ReadAll(t.Context(), cairn.AllOptions{}))
	if err != nil {
		t.Fatal(err)
	}
	return c.settings(), uint32(r.Turns) + 1, log
}

// renumber closes the gaps that tampering has left, as a liar would.
func renumber(log []cairn.Recorded) []cairn.Recorded {
	last := map[string]cairn.Revision{}
	for i := range log {
		next, ok := last[log[i].Stream]
		if !ok {
			next = 0
		}
		log[i].Position, log[i].Revision = cairn.Position(i+1), next
		last[log[i].Stream] = next + 1
	}
	return log
}

func isSent(r cairn.Recorded) bool { return r.Type == "account.transfer-sent" }

// TestAuditFindsTampering breaks each promise in a log that is known to keep
// them all.
func TestAuditFindsTampering(t *testing.T) {
	s, turns, whole := record(t)
	sent := slices.IndexFunc(whole, isSent)
	lastSent := len(whole) - 1 - slices.IndexFunc(reversed(whole), isSent)
	cash := slices.IndexFunc(whole, func(r cairn.Recorded) bool { return r.Type == "account.withdrawn" })
	for _, tt := range []struct {
		name   string
		want   string // the promise that is broken; empty for none
		tamper func([]cairn.Recorded) []cairn.Recorded
	}{
		{"nothing", "", func(log []cairn.Recorded) []cairn.Recorded { return log }},
		{"a gap", "dense", func(log []cairn.Recorded) []cairn.Recorded { return slices.Delete(log, sent, sent+2) }},
		{"two swapped", "dense", func(log []cairn.Recorded) []cairn.Recorded {
			log[sent], log[sent+1] = log[sent+1], log[sent]
			return log
		}},
		{"a revision twice", "in order", func(log []cairn.Recorded) []cairn.Recorded {
			log[sent].Revision--
			return log
		}},
		{"the paying leg alone", "atomic", func(log []cairn.Recorded) []cairn.Recorded {
			return renumber(slices.Delete(log, sent+1, sent+2))
		}},
		{"the paid leg alone", "atomic", func(log []cairn.Recorded) []cairn.Recorded {
			return renumber(slices.Delete(log, sent, sent+1))
		}},
		{"half a transfer at the end", "atomic", func(log []cairn.Recorded) []cairn.Recorded { return log[:lastSent+1] }},
		{"the last transfer", "durable", func(log []cairn.Recorded) []cairn.Recorded { return log[:lastSent] }},
		{"a transfer inside", "durable", func(log []cairn.Recorded) []cairn.Recorded {
			return renumber(slices.Delete(log, lastSent, lastSent+2))
		}},
		{"a change inside", "durable", func(log []cairn.Recorded) []cairn.Recorded {
			return renumber(slices.Delete(log, cash-1, cash+1))
		}},
		{"half a change", "atomic", func(log []cairn.Recorded) []cairn.Recorded {
			return renumber(slices.Delete(log, cash-1, cash))
		}},
		{"a transfer twice", "idempotent", func(log []cairn.Recorded) []cairn.Recorded {
			return renumber(append(log, log[lastSent], log[lastSent+1]))
		}},
		{"money made", "atomic", func(log []cairn.Recorded) []cairn.Recorded {
			return pay(t, log, sent, 0, 1)
		}},
		{"an overdraft", "isolated", func(log []cairn.Recorded) []cairn.Recorded {
			return pay(t, log, sent, 1_000_000_00, 1_000_000_00)
		}},
		{"an event of nobody's", "whole", func(log []cairn.Recorded) []cairn.Recorded {
			return append(log, cairn.Recorded{Stream: "other", Position: cairn.Position(len(log) + 1)})
		}},
		{"an event unreadable", "whole", func(log []cairn.Recorded) []cairn.Recorded {
			log[sent].Data = []byte("{")
			return log
		}},
		{"an account opened late", "whole", func(log []cairn.Recorded) []cairn.Recorded {
			stranger := log[0]
			stranger.Stream = account.Number("9999999999").Stream()
			return renumber(append(log, stranger))
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := s.audit(t.Context(), tape{log: tt.tamper(slices.Clone(whole))}, newLedger(), 0, turns)
			v, _ := errors.AsType[*Violation](err)
			if tt.want == "" && err != nil || tt.want != "" && (v == nil || v.Promise != tt.want) {
				t.Errorf("audit = %v; want a violation of %q", err, tt.want)
			}
		})
	}
}

func reversed(log []cairn.Recorded) []cairn.Recorded {
	log = slices.Clone(log)
	slices.Reverse(log)
	return log
}

// pay raises what a transfer takes from one account and gives to the other.
func pay(t *testing.T, log []cairn.Recorded, at int, taken, given account.Money) []cairn.Recorded {
	t.Helper()
	for i, extra := range []account.Money{taken, given} {
		e, err := account.Events.Decode(log[at+i])
		if err != nil {
			t.Fatal(err)
		}
		switch leg := e.(type) {
		case account.TransferSent:
			leg.Amount += extra
			e = leg
		case account.TransferReceived:
			leg.Amount += extra
			e = leg
		}
		changed, err := account.Events.Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		log[at+i].Data = changed.Data
	}
	return log
}

// TestAuditRemembers: an audit goes on where the one before ended, and what was
// there then must still be.
func TestAuditRemembers(t *testing.T) {
	s, turns, whole := record(t)
	l := newLedger()
	if _, err := s.audit(t.Context(), tape{log: whole}, l, 0, turns); err != nil {
		t.Fatal(err)
	}
	l.settle(turns)
	if err := s.saveProgress(progress{turns, l}); err != nil {
		t.Fatal(err)
	}
	p, err := s.loadProgress()
	if err != nil || p.Turn != turns || p.Ledger.Head != l.Head || p.Ledger.Total != l.Total || len(p.Ledger.Books) != len(l.Books) {
		t.Fatalf("progress %+v, %v", p, err)
	}
	lastSent := len(whole) - 1 - slices.IndexFunc(reversed(whole), isSent)
	again := renumber(append(slices.Clone(whole), whole[lastSent], whole[lastSent+1]))
	for _, tt := range []struct {
		name string
		log  []cairn.Recorded
		want string
	}{
		{"the same", whole, ""},
		{"shorter", whole[:len(whole)-1], "durable"},
		{"a settled transfer again", again, "idempotent"},
	} {
		p, err := s.loadProgress()
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.audit(t.Context(), tape{log: tt.log}, p.Ledger, turns, turns)
		v, _ := errors.AsType[*Violation](err)
		if tt.want == "" && err != nil || tt.want != "" && (v == nil || v.Promise != tt.want) {
			t.Errorf("%s: %v; want %q", tt.name, err, tt.want)
		}
	}
}

// TestAnswerCutOff: half a line is no answer, and a broken one is an error.
func TestAnswerCutOff(t *testing.T) {
	dir := t.TempDir()
	f, err := createAcks(dir, 1)
	if err != nil {
		t.Fatal(err)
	}
	want := ack{task: task{1, 2, 3}, place: place{4, 5, 6}}
	if err := errors.Join(f.write(want), f.Close()); err != nil {
		t.Fatal(err)
	}
	add := func(text string) {
		f, err := os.OpenFile(ackPath(dir, 1), os.O_WRONLY|os.O_APPEND, 0)
		if err == nil {
			_, err = f.WriteString(text)
		}
		if err := errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
	}
	add(`{"turn":1,"wor`)
	got, err := collect(dir, 1)
	if err != nil || len(got) != 1 || got[0] != want {
		t.Errorf("answers %+v, %v; want the first", got, err)
	}
	add("\n")
	if _, err := collect(dir, 1); err == nil {
		t.Error("a broken line in the middle was passed over")
	}
	if got, err := collect(filepath.Join(dir, "none"), 1); len(got) > 0 || err != nil {
		t.Errorf("a turn without answers = %v, %v", got, err)
	}
}

func collect(dir string, turn uint32) (all []ack, err error) {
	for a, err := range readAcks(dir, turn) {
		if err != nil {
			return all, err
		}
		all = append(all, a)
	}
	return all, nil
}
