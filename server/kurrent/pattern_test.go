package kurrent

import (
	"strings"
	"testing"

	"github.com/dlclark/regexp2"
)

// TestPatterns compares the two ways of matching: where the fast one is used it
// must agree with the other.
func TestPatterns(t *testing.T) {
	t.Cleanup(regexp2.StopTimeoutClock)
	names := []string{"", "a", "order-1", "$order", "$$order-1", "PersistentConfig1", "Result", "a b", "a\n", "a\nb", "é", "ÀB", "a_1", "K", "x-x", "[", "]", "A]", "^", "٣"}
	for _, c := range []struct {
		expression string
		fast       bool
	}{
		{`^[^\$].*`, true}, {`^a`, true}, {`a$`, true}, {`\d`, true}, {`^\w+$`, true}, {`\bx\b`, true}, {`(?i)k`, true}, {`[A-z]*$`, true},
		{`^(?!(\$.+$|PersistentConfig\d+$|Result$))`, false}, {`(a)\1`, false}, {`[a-z-[aeiou]]`, false}, {`[[:alpha:]]`, false},
		{`.`, true}, {`^$`, true}, {`\s`, true}, {`[^a]`, true}, {`a|b`, true}, {`^.{3,5}$`, true}, {`\.`, true},
	} {
		p, err := compile(c.expression)
		if err != nil {
			t.Errorf("%s: %v", c.expression, err)
			continue
		}
		if (p.fast != nil) != c.fast {
			t.Errorf("%s: fast is %v", c.expression, p.fast != nil)
		}
		for _, name := range names {
			want, err := p.slow.MatchString(name)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := p.matches(name); err != nil || got != want {
				t.Errorf("%s in %q: %v, want %v, %v", c.expression, name, got, want, err)
			}
		}
	}
}

// TestPatternRunsAway: an expression that would take for ever fails the read
// instead of losing events.
func TestPatternRunsAway(t *testing.T) {
	t.Cleanup(regexp2.StopTimeoutClock)
	p, err := compile(`^(?!x)(a+)+$`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.matches(strings.Repeat("a", 60) + "!"); err == nil {
		t.Error("it came to an end")
	}
}

func FuzzPattern(f *testing.F) {
	f.Add(`^[^\$].*`, "order-1")
	f.Add(`[[:alpha:]]`, "a")
	f.Add(`\d+$`, "a1")
	f.Fuzz(func(t *testing.T, expression, name string) {
		p, err := compile(expression)
		if err != nil || p.fast == nil || len(name) > 100 || len(expression) > 100 {
			return
		}
		want, err := p.slow.MatchString(name)
		if err != nil {
			return
		}
		if got, err := p.matches(name); err != nil || got != want {
			t.Fatalf("%q in %q: %v, %v, want %v", expression, name, got, err, want)
		}
	})
}
