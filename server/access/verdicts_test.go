package access

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/cairndb/cairn"
)

// TestOneVerifiesForAll who ask at the same time, and later.
func TestOneVerifiesForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, verified, answer := newVerdicts(), atomic.Int32{}, make(chan bool)
		f := v.fingerprint("header")
		var wg sync.WaitGroup
		for range 1000 {
			wg.Go(func() {
				right, err := v.judge(t.Context(), f, 1, func(context.Context) (bool, error) { verified.Add(1); return <-answer, nil })
				if !right || err != nil {
					t.Error(right, err)
				}
			})
		}
		synctest.Wait()
		answer <- true
		wg.Wait()
		if verified.Load() != 1 {
			t.Errorf("verified %d times", verified.Load())
		}
		never := func(context.Context) (bool, error) { t.Error("verified again"); return false, nil }
		if right, err := v.judge(t.Context(), f, 1, never); !right || err != nil {
			t.Error(right, err)
		}
	})
}

// TestAVerdictIsOnOneRecord: another revision is another question, also while
// the first is being answered.
func TestAVerdictIsOnOneRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, answer := newVerdicts(), make(chan bool)
		f := v.fingerprint("header")
		got := make(chan bool, 2)
		for revision := range cairn.Revision(2) {
			go func() {
				right, _ := v.judge(t.Context(), f, revision, func(context.Context) (bool, error) { return <-answer, nil })
				got <- right
			}()
			synctest.Wait()
		}
		answer <- true
		if !<-got {
			t.Error("the first is wrong")
		}
		answer <- false
		if <-got {
			t.Error("the second is right")
		}
	})
}

// TestWhoGoesAwayLeavesTheQuestionToOthers who wait for the answer.
func TestWhoGoesAwayLeavesTheQuestionToOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVerdicts()
		f := v.fingerprint("header")
		ctx, leave := context.WithCancel(t.Context())
		first, second := make(chan error, 1), make(chan bool, 1)
		go func() {
			_, err := v.judge(ctx, f, 1, func(ctx context.Context) (bool, error) { <-ctx.Done(); return false, ctx.Err() })
			first <- err
		}()
		synctest.Wait()
		go func() {
			right, _ := v.judge(t.Context(), f, 1, func(context.Context) (bool, error) { return true, nil })
			second <- right
		}()
		synctest.Wait()
		leave()
		if err := <-first; !errors.Is(err, context.Canceled) {
			t.Errorf("who left got %v", err)
		}
		if !<-second {
			t.Error("who waited got no answer")
		}
	})
}

// TestWaitingForAVerdictEnds with the context.
func TestWaitingForAVerdictEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, answer, done := newVerdicts(), make(chan bool), make(chan struct{})
		f := v.fingerprint("header")
		go func() {
			defer close(done)
			_, _ = v.judge(t.Context(), f, 1, func(context.Context) (bool, error) { return <-answer, nil })
		}()
		synctest.Wait()
		ctx, cancel := context.WithCancelCause(t.Context())
		cause := errors.New("cause")
		cancel(cause)
		if _, err := v.judge(ctx, f, 1, nil); err != cause {
			t.Errorf("got %v", err)
		}
		close(answer)
		<-done
	})
}

// TestWrongOnesDoNotPushOutRightOnes, nor take memory without bound.
func TestWrongOnesDoNotPushOutRightOnes(t *testing.T) {
	v := newVerdicts()
	say := func(header string, right bool) {
		if _, err := v.judge(t.Context(), v.fingerprint(header), 1, func(context.Context) (bool, error) { return right, nil }); err != nil {
			t.Fatal(err)
		}
	}
	say("right", true)
	for i := range 5 * maxVerdicts {
		say(fmt.Sprint("wrong ", i), false)
	}
	if _, ok := v.find(v.fingerprint("right"), 1); !ok {
		t.Error("the right one is forgotten")
	}
	if n := len(v.wrong.young) + len(v.wrong.older); n > 2*maxVerdicts {
		t.Errorf("%d wrong ones are remembered", n)
	}
}

func TestFingerprintsAreKeyed(t *testing.T) {
	v, w := newVerdicts(), newVerdicts()
	if first := v.fingerprint("header"); first != v.fingerprint("header") || first == v.fingerprint("other") {
		t.Error("a fingerprint is not that of a header")
	}
	if v.fingerprint("header") == w.fingerprint("header") {
		t.Error("anybody could compute a fingerprint")
	}
}

// TestAHasherHashesFewAtATime, lets some wait and sends the others away.
func TestAHasherHashesFewAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHasher(1, 2)
		for range 2 {
			if err := h.enter(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		ends := make(chan error, maxWaiting)
		for range maxWaiting {
			go func() { ends <- h.enter(t.Context()) }()
		}
		synctest.Wait()
		if len(ends) > 0 {
			t.Fatalf("more than two are let in: %v", <-ends)
		}
		if _, err := h.verify(t.Context(), hash{}, "x"); !errors.Is(err, ErrBusy) {
			t.Errorf("verify: %v", err)
		}
		if _, err := h.hash(t.Context(), "x"); !errors.Is(err, ErrBusy) {
			t.Errorf("hash: %v", err)
		}
		for range maxWaiting {
			h.leave()
			if err := <-ends; err != nil {
				t.Error(err)
			}
		}
		h.leave()
		h.leave()
		if right, err := h.verify(t.Context(), hash{}, "x"); right || err != nil {
			t.Error(right, err)
		}
	})
}

func TestHashes(t *testing.T) {
	one, err := newHash("password", 5)
	if err != nil {
		t.Fatal(err)
	}
	two, err := newHash("password", 5)
	if err != nil || string(one.Hash) == string(two.Hash) {
		t.Errorf("one password has one hash: %v", err)
	}
	for _, iterations := range []int{1, 5, 50} {
		if !one.matches("password", iterations, derive) || one.matches("Password", iterations, derive) || one.matches("", iterations, derive) {
			t.Errorf("asked to cost %d: it is another password's", iterations)
		}
	}
	// Computed with another implementation: hashlib.pbkdf2_hmac of Python.
	known := hash{algorithm, 1000, []byte("0123456789abcdef"), unhex(t, "70183c0f60ee9e0441f64efab334e17f97a17f2073f7dd5acba3d3f12af09383")}
	if !known.matches("correct horse", 1, derive) {
		t.Error("it is not PBKDF2 with HMAC-SHA256")
	}
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestNobodyFindsOutWhoExists by what a refusal costs.
func TestNobodyFindsOutWhoExists(t *testing.T) {
	known, err := newHash("password", 100)
	if err != nil {
		t.Fatal(err)
	}
	weak, err := newHash("password", 7)
	if err != nil {
		t.Fatal(err)
	}
	broken := known
	broken.Salt = nil
	for name, h := range map[string]hash{"known": known, "weak": weak, "unknown": {}, "broken": broken} {
		cost := 0
		if h.matches("wrong", 100, func(password string, salt []byte, iterations int) ([]byte, error) {
			cost += iterations
			return derive(password, salt, iterations)
		}) {
			t.Errorf("%s: it matches", name)
		}
		if cost != 100 {
			t.Errorf("%s costs %d", name, cost)
		}
	}
}

func TestRecent(t *testing.T) {
	c := newRecent[int, string](3)
	c.put(0, "kept")
	for i := 1; i < 20; i++ {
		c.put(i, "x")
		if v, ok := c.get(0); !ok || v != "kept" {
			t.Fatalf("forgotten after %d", i)
		}
		if len(c.young) > 3 || len(c.older) > 3 {
			t.Fatalf("%d and %d are held", len(c.young), len(c.older))
		}
	}
	if _, ok := c.get(1); ok {
		t.Error("what nobody used is held")
	}
	if c.remove(0); second(c.get(0)) {
		t.Error("what was removed is held")
	}
}

func second(_ string, ok bool) bool { return ok }
