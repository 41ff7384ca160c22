package group

import (
	"encoding/json"
	"sync"
	"time"

	"github.com/cairndb/cairn"
)

// A beat says that a member is there, how it is, or that it leaves.
type beat struct {
	Member  string         `json:"member"`
	Lease   time.Duration  `json:"lease"` // nanoseconds
	Leaving bool           `json:"leaving,omitempty"`
	Held    int            `json:"held"`           // unsettled events
	Full    bool           `json:"full,omitempty"` // it waits for its window
	Offered cairn.Position `json:"offered"`        // how far it has read
}

func (b *beat) event(tag string) (cairn.Event, error) {
	data, err := json.Marshal(b)
	return system(typeBeat, data, tag), err
}

// peers is what a member knows of the others and of whose the partitions are,
// from having followed their events.
type peers struct {
	self  string
	lease time.Duration

	mu     sync.Mutex
	seen   map[string]sighting
	owners map[int]standing
}

// A sighting is when a member was seen last, by the watch of who saw it.
type sighting struct {
	at    time.Time
	lease time.Duration
}

func newPeers(self string, lease time.Duration) *peers {
	return &peers{self: self, lease: lease, seen: map[string]sighting{}, owners: map[int]standing{}}
}

// heard takes a beat. It reports whether that changes who is there.
func (p *peers) heard(b *beat, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, known := p.seen[b.Member]
	if b.Leaving {
		delete(p.seen, b.Member)
		return known
	}
	p.seen[b.Member] = sighting{now, b.Lease}
	return !known
}

// owned takes where a partition stands, unless something newer is known. An
// owner of whom nothing was heard is taken to be there for one lease.
func (p *peers) owned(n int, s standing, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if old, ok := p.owners[n]; ok && old.revision >= s.revision {
		return
	}
	p.owners[n] = s
	if _, known := p.seen[s.Owner]; !known && s.Owner != "" {
		p.seen[s.Owner] = sighting{now, p.lease}
	}
}

// living lists the members that are there. One is dead when this one has seen
// beats of its own for a whole lease of the other's, and none of the other's.
func (p *peers) living() (all []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	self, ok := p.seen[p.self]
	for m, s := range p.seen {
		if ok && m != p.self && self.at.Sub(s.at) >= s.lease {
			delete(p.seen, m)
			continue
		}
		all = append(all, m)
	}
	return all
}

// vacant reports whether nobody who is there owns a partition.
func (p *peers) vacant(n int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, there := p.seen[p.owners[n].Owner]
	return !there
}
