package supervisor

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
)

// longest is where a line is cut that does not end.
const longest = 64 << 10

// Lines hands whole lines on to a writer, whoever writes them.
type Lines struct {
	mu sync.Mutex
	to io.Writer
}

// NewLines makes one. It may be used by many at once.
func NewLines(to io.Writer) *Lines { return &Lines{to: to} }

func (l *Lines) write(name, line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintf(l.to, "%-12s | %s\n", name, line)
}

// A speaker is a process that writes, seen from here.
type speaker struct {
	name  string
	to    *Lines
	heard func(line string)
	begun []byte // a line that has not ended yet
}

// Write implements [io.Writer].
func (s *speaker) Write(b []byte) (int, error) {
	s.begun = append(s.begun, b...)
	for {
		line, rest, ended := bytes.Cut(s.begun, []byte("\n"))
		if !ended && len(line) < longest {
			return len(b), nil
		}
		s.say(string(line))
		s.begun = append(s.begun[:0], rest...)
	}
}

func (s *speaker) say(line string) {
	s.to.write(s.name, strings.ToValidUTF8(line, "\uFFFD"))
	s.heard(line)
}

// end says what was begun.
func (s *speaker) end() {
	if len(s.begun) > 0 {
		s.say(string(s.begun))
	}
}
