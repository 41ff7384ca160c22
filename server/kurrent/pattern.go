package kurrent

import (
	"regexp"
	"strings"
	"time"

	"github.com/dlclark/regexp2"
)

// A pattern is a regular expression as .NET understands it, because that is what
// clients write them for: their defaults look ahead, which Go's cannot. Go's are
// much faster and cannot run away, so they are used where they mean the same.
type pattern struct {
	slow *regexp2.Regexp
	fast *regexp.Regexp // for names of plain ASCII; nil if Go has no such pattern
}

// longestMatch is how long a pattern may look at one name.
const longestMatch = 250 * time.Millisecond

func compile(expression string) (*pattern, error) {
	slow, err := regexp2.Compile(expression, regexp2.None)
	if err != nil {
		return nil, invalidArgument("the regular expression is not well-formed: %v", err)
	}
	slow.MatchTimeout = longestMatch
	p := &pattern{slow: slow}
	if !ambiguous(expression) {
		p.fast, _ = regexp.Compile(expression)
	}
	return p, nil
}

// ambiguous reports whether an expression holds something that both understand,
// each in its own way: classes within classes, what Go alone quotes by, flags.
func ambiguous(expression string) bool {
	for _, s := range []string{"[[", "-[", `\Q`, `\C`, `\z`, "(?U", "(?-", "U)"} {
		if strings.Contains(expression, s) {
			return true
		}
	}
	return false
}

// matches reports whether the pattern occurs in a name. It fails if that takes too
// long to find out.
func (p *pattern) matches(name string) (bool, error) {
	if p.fast != nil && plain(name) {
		return p.fast.MatchString(name), nil
	}
	ok, err := p.slow.MatchString(name)
	if err != nil {
		return false, invalidArgument("the regular expression takes too long over %.100q", name)
	}
	return ok, nil
}

// plain reports whether a name is printable ASCII, of which both say the same
// what is a letter, a digit, a space and the end of a line.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
