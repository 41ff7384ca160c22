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
}

const (
	maxLines = 500
	maxLine  = 4 << 10 // bytes of one that are kept
)

// Write keeps a line, which is what a logger writes at once.
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
	return len(p), nil
}

// Latest are the lines that are kept, oldest first, and how many were ever written.
func (l *Logs) Latest() (lines []string, wrote uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines = append(lines, l.lines[l.next:]...)
	return append(lines, l.lines[:l.next]...), l.wrote
}
