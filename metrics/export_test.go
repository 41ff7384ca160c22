package metrics

import "time"

// Expire makes the next look a new one.
func (g *Groups) Expire() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.sampled = time.Time{}
}
