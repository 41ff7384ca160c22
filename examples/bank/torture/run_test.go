package torture

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/examples/bank/account"
)

// short is a campaign of a moment, inside this process.
func short(t *testing.T, open Opener) Config {
	return Config{
		Dir:      filepath.Join(t.TempDir(), "store"),
		Open:     open,
		Duration: 400 * time.Millisecond,
		Turn:     60 * time.Millisecond,
		Workers:  4,
		Accounts: 8,
		Log:      t.Output(),
	}
}

func TestRunInside(t *testing.T) {
	r, err := Run(t.Context(), short(t, newKeeper(t).open))
	if err != nil {
		t.Fatal(err)
	}
	if r.Turns == 0 || r.Clean != r.Turns || r.Kills != 0 || r.Audits != r.Turns+1 || r.Intruders != r.Turns {
		t.Errorf("%d turns, %d clean, %d kills, %d audits, %d intruders", r.Turns, r.Clean, r.Kills, r.Audits, r.Intruders)
	}
	if r.Transfers == 0 || r.Changes == 0 || r.Again == 0 || r.Acknowledged == 0 {
		t.Errorf("nothing was tried of something: %+v", r)
	}
	if r.Total != 8*1000_00 || r.Seed == 0 || r.Head == 0 {
		t.Errorf("total %v, seed %d, head %d", r.Total, r.Seed, r.Head)
	}
	var text strings.Builder
	if err := r.Write(&text); err != nil || !strings.Contains(text.String(), "8000.00") {
		t.Errorf("report %q, %v", text.String(), err)
	}
}

// TestIntruderIsAViolation: a store that two can open is found out.
func TestIntruderIsAViolation(t *testing.T) {
	k := newKeeper(t)
	k.careless = true
	_, err := Run(t.Context(), short(t, k.open))
	if v, ok := errors.AsType[*Violation](err); !ok || v.Promise != "exclusive" {
		t.Errorf("Run = %v; want a violation of exclusiveness", err)
	}
	c := short(t, k.open)
	c.Shared = true
	k.store = newKeeper(t).store
	if _, err := Run(t.Context(), c); err != nil {
		t.Errorf("Run of a store that may be shared = %v", err)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	c := short(t, newKeeper(t).open)
	c.Duration, c.Turn = time.Hour, time.Hour
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	c.Log = writerFunc(func(p []byte) (int, error) { cancel(cause); return len(p), nil })
	if _, err := Run(ctx, c); !errors.Is(err, cause) {
		t.Errorf("Run = %v; want the cause", err)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestVerifyFails(t *testing.T) {
	c := short(t, newKeeper(t).open)
	c.Duration = time.Millisecond
	c.Verify = func(context.Context, string) (string, error) { return "", cairn.ErrCorrupt }
	if _, err := Run(t.Context(), c); !errors.Is(err, ErrViolation) {
		t.Errorf("Run = %v; want a violation", err)
	}
}

func TestRunRefuses(t *testing.T) {
	open := newKeeper(t).open
	for name, change := range map[string]func(*Config){
		"no directory":    func(c *Config) { c.Dir = "" },
		"no opener":       func(c *Config) { c.Open = nil },
		"one account":     func(c *Config) { c.Accounts = 1 },
		"many workers":    func(c *Config) { c.Workers = maxWorkers + 1 },
		"a negative time": func(c *Config) { c.Duration = -1 },
		"too much money":  func(c *Config) { c.Initial = account.MaxMoney },
		"no money":        func(c *Config) { c.Initial = -1 },
		"a used directory": func(c *Config) {
			c.Dir = t.TempDir()
			if err := writeFile(filepath.Join(c.Dir, "something"), 1); err != nil {
				t.Fatal(err)
			}
		},
	} {
		c := short(t, open)
		change(&c)
		if r, err := Run(t.Context(), c); err == nil || r.Turns != 0 {
			t.Errorf("%s: %d turns, %v; want a refusal", name, r.Turns, err)
		}
	}
}
