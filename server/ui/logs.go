package ui

import (
	"sync"
)

// Logs keep the latest lines of a log. They are a writer: give a logger one that
// writes to both. Its methods may be called concurrently; the zero value is ready.
type Logs struct {
	mu    sync.Mutex
	lines []string
	next  int // where the next line goes, once there are as many as are kept
	wrote uint64
	more  chan struct{} // closed by the next write; nil if nobody waits for that
}

const (
	maxLines = 500
	maxLine  = 4 << 10 // bytes of one that are kept
)

// Write keeps a line, which is what a logger writes at once. It never fails.
func (l *Logs) Write(p []byte) (int, error) {
	line := string(p[:min(len(p), maxLine)])
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wrote++
	if len(l.lines) < maxLines {
		l.lines = append(l.lines, line)
	} else {
		l.lines[l.next] = line
		l.next = (l.next + 1) % maxLines
	}
	if l.more != nil {
		close(l.more)
		l.more = nil
	}
	return len(p), nil
}

// Latest are the lines that are kept, oldest first, and how many were ever written.
func (l *Logs) Latest() (lines []string, wrote uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.kept(), l.wrote
}

// kept are the lines in their order, for who holds the lock.
func (l *Logs) kept() (lines []string) {
	lines = append(lines, l.lines[l.next:]...)
	return append(lines, l.lines[:l.next]...)
}

// since are the lines that are kept of those written after so many, how many were
// ever written, and what is closed when there are more. Who has seen more than were
// written has seen those of another process, and gets all.
func (l *Logs) since(n uint64) (lines []string, wrote uint64, more <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines = l.kept()
	if n <= l.wrote {
		lines = lines[len(lines)-int(min(uint64(len(lines)), l.wrote-n)):]
	}
	if l.more == nil {
		l.more = make(chan struct{})
	}
	return lines, l.wrote, l.more
}
