package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cairndb/cairn"
)

// Words are what a process has said.
type words struct {
	at        cairn.Position // the furthest
	said      map[string]string
	applied   int // transactions
	refused   int // transactions, because somebody else had changed what they expected
	published []time.Duration
}

// hear notes what a process says.
func (c *crew) hear(p *process, line string) {
	c.mu.Lock()
	w := c.words[p.String()]
	what, rest, _ := strings.Cut(line, " ")
	w.note(what, rest)
	c.words[p.String()] = w
	counts := c.watched == nil || c.watched == p
	c.mu.Unlock()
	if !counts {
		return
	}
	select {
	case c.moved <- struct{}{}:
	default:
	}
}

func (w *words) note(what, rest string) {
	switch what {
	case "at":
		var at cairn.Position
		_, _ = fmt.Sscan(rest, &at)
		w.at = max(w.at, at)
		w.applied++
	case "refused":
		w.refused++
	case "published":
		took, _ := time.ParseDuration(rest)
		w.published = append(slices.Clip(w.published), took)
	default:
		said := map[string]string{} // those who were given the old one may read it
		maps.Copy(said, w.said)
		said[what] = rest
		w.said = said
	}
}

// of is what a process has said in all its lives.
func (c *crew) of(p *process) words {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.words[p.String()]
}
