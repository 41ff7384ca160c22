package index

import "sync"

// A rung says how many places of a term lie in the blocks before one. As places
// are only ever added above all that are there, that stays so.
type rung struct {
	block  uint64
	before int64
}

// A ladder is what is remembered of a term for counting its places: a rung
// every so many blocks, from which on only those up to the next have to be
// looked at. When there are too many, every second goes.
type ladder struct {
	mu     sync.Mutex
	rungs  []rung
	stride int // blocks between rungs
}

const (
	firstStride = 4
	maxRungs    = 1024
)

// from is the last rung that satisfies ok, which holds up to some rung and not
// behind; the foot of the ladder if none does. top says that no rung is above.
func (l *ladder) from(ok func(rung) bool) (r rung, top bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	low, high := 0, len(l.rungs)
	for low < high {
		if middle := (low + high) / 2; ok(l.rungs[middle]) {
			low = middle + 1
		} else {
			high = middle
		}
	}
	if low > 0 {
		r = l.rungs[low-1]
	}
	return r, low == len(l.rungs)
}

// spacing is how many blocks to leave between rungs.
func (l *ladder) spacing() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.stride
}

// extend adds rungs above what is there; another may have been quicker.
func (l *ladder) extend(more []rung) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range more {
		if n := len(l.rungs); n == 0 || l.rungs[n-1].block < r.block {
			l.rungs = append(l.rungs, r)
		}
	}
	for len(l.rungs) > maxRungs {
		n := 0
		for i := 1; i < len(l.rungs); i += 2 {
			l.rungs[n] = l.rungs[i]
			n++
		}
		l.rungs, l.stride = l.rungs[:n], 2*l.stride
	}
}

// ladders are those of the terms counted lately, in two generations: when the
// younger is full it becomes the older, and what was in that is forgotten.
type ladders struct {
	mu           sync.Mutex
	young, older map[Term]*ladder
}

const maxLadders = 128 // of a generation

func (ls *ladders) of(t Term) *ladder {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if l := ls.young[t]; l != nil {
		return l
	}
	l := ls.older[t]
	if l == nil {
		l = &ladder{stride: firstStride}
	}
	if ls.young == nil || len(ls.young) == maxLadders {
		ls.young, ls.older = map[Term]*ladder{}, ls.young
	}
	ls.young[t] = l
	return l
}
