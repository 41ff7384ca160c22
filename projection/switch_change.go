package projection

import "time"

// change is what a switch does to the bookkeeping. The new build's lanes need not
// stand still, because they only ever go forward.
func (s *shift) change(d deployment, raw string, old []laneEntry) Change {
	next := d.switched(s.to, time.Now().UTC(), s.o.Grace)
	c := Change{
		Expect: []Entry{{s.place.deployment(), raw}},
		Put:    []Entry{{s.place.deployment(), next.encode()}},
	}
	for i := range old {
		c.Expect = append(c.Expect, Entry{old[i].Key, old[i].Value})
		if s.hold.mine(&old[i]) {
			c.Put = append(c.Put, free(&old[i]))
		}
	}
	return c
}

// switched is the deployment in which readers see another build. All before it are
// to be dropped after the grace time; those after it, from which readers were
// taken back, stay until somebody decides about them.
func (d deployment) switched(to int, now time.Time, grace time.Duration) deployment {
	was := d.Active
	for _, b := range d.Builds {
		switch {
		case b.Build == to:
			b.Phase, b.Switched = Active, now
		case b.Build == was:
			b.Phase, b.Switched = Warm, now
		}
		b.DropAt = due(&b, to, now, grace)
		d = d.with(b)
	}
	d.Active, d.Previous = to, was
	return d
}

func due(b *Definition, active int, now time.Time, grace time.Duration) time.Time {
	switch {
	case b.Build >= active || grace < 0:
		return time.Time{}
	case b.DropAt.IsZero():
		return now.Add(grace)
	}
	return b.DropAt
}
