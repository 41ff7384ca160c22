package persistent

import (
	"fmt"
	"strconv"
	"strings"
)

// A Place is where an event stands in what is subscribed to: its revision in a
// stream, its position in the log.
type Place int64

// none is the place before the first.
const none Place = -1

// text is a place as the protocol writes it; empty if it is none.
func (p Place) text(all bool) string {
	switch {
	case p < 0 || all && p == 0:
		return ""
	case all:
		return fmt.Sprintf("C:%d/P:%d", p, p)
	}
	return strconv.FormatInt(int64(p), 10)
}

// parsePlace reads what text writes, and where a subscription starts. Of a
// position in the log it returns the commit and the prepare position.
func parsePlace(s string, all bool) (at, prepare Place, err error) {
	if !all {
		n, err := strconv.ParseInt(s, 10, 64)
		return Place(n), Place(n), err
	}
	c, p, ok := strings.Cut(s, "/")
	c, isC := strings.CutPrefix(c, "C:")
	p, isP := strings.CutPrefix(p, "P:")
	if !ok || !isC || !isP {
		return 0, 0, fmt.Errorf("%q is not a position", s)
	}
	commit, err := strconv.ParseInt(c, 10, 64)
	if err != nil {
		return 0, 0, err
	}
	n, err := strconv.ParseInt(p, 10, 64)
	return Place(commit), Place(n), err
}

// A Start is where a subscription begins: with the event at a place, or, if End
// is set, behind the last one there is when it is created.
type Start struct {
	End     bool
	At      Place
	Prepare Place // of the log: the prepare position, which is At or less
}

// text is a start as the protocol writes it.
func (s Start) text(all bool) string {
	switch {
	case s.End && all:
		return "C:-1/P:-1"
	case s.End:
		return "-1"
	case all:
		return fmt.Sprintf("C:%d/P:%d", s.At, s.Prepare)
	}
	return strconv.FormatInt(int64(s.At), 10)
}

// parseStart reads what text writes.
func parseStart(text string, all bool) (Start, error) {
	at, prepare, err := parsePlace(text, all)
	switch {
	case err != nil:
		return Start{}, err
	case at == -1 && prepare == -1:
		return Start{End: true}, nil
	case at < 0 || prepare < 0 || prepare > at:
		return Start{}, fmt.Errorf("%q is no place to start from", text)
	case !all:
		prepare = 0
	}
	return Start{At: at, Prepare: prepare}, nil
}
