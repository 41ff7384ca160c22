package disk

import "runtime"

const (
	pipelineYields = 1
	partBytes      = 4 << 20 // from which on a part takes no further group
	smallParts     = 16      // so many small parts in a row end the pipeline
)

// pipeline commits groups until there are none, or only small ones. One part is
// being written while the next takes in every group that comes.
func (c *committer) pipeline() {
	parts, results := make(chan *part), make(chan error)
	c.owned.Go(func() {
		for p := range parts {
			results <- c.store.persist(p)
		}
	})
	defer close(parts)
	next, writing, small := &part{}, false, 0
	for small < smallParts {
		c.absorb(next)
		switch {
		case writing:
			select {
			case err := <-results:
				writing = false
				next = c.after(err, next)
			case <-c.arrived:
			}
		case len(next.groups) > 0:
			small = count(small, next)
			c.seq.seal(next)
			parts <- next
			next, writing = &part{}, true
		default:
			small = smallParts
		}
	}
	c.drain(next, writing, results)
}

// after is what follows a part: what was sequenced behind it, unless that was in
// vain because the part failed.
func (c *committer) after(err error, next *part) *part {
	if err == nil {
		return next
	}
	c.store.tell(next, err)
	c.seq.reset()
	return &part{}
}

// absorb sequences what is waiting.
func (c *committer) absorb(p *part) {
	for range pipelineYields {
		runtime.Gosched()
	}
	for len(p.builder.Buf) < partBytes {
		g := c.take()
		if g == nil {
			return
		}
		c.seq.sequence(g, p)
	}
}

// count is how many parts in a row were small.
func count(small int, p *part) int {
	n := 0
	for _, g := range p.groups {
		n += len(g.requests)
	}
	if n >= pipelineFrom/2 {
		return 0
	}
	return small + 1
}

// drain finishes what the pipeline has begun and passes the lead on.
func (c *committer) drain(next *part, writing bool, results <-chan error) {
	if writing {
		next = c.after(<-results, next)
	}
	if len(next.groups) > 0 {
		c.seq.seal(next)
		if c.store.persist(next) != nil {
			c.seq.reset()
		}
	}
	c.pass(false)
}
