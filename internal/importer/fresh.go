package importer

import "github.com/cairndb/cairn"

// fresh is the part of a batch that the store does not hold.
type fresh struct {
	lines  []line
	writes []cairn.Write // of the lines, in order
	known  int           // lines left out because the store holds them

	standing map[string]standing // before the batch
}

// fresh sorts the batch's lines, up to the first that cannot be stored because
// its stream is closed. A line that is given twice is known the second time.
func (i *importer) fresh() (f fresh, err error) {
	f.standing = make(map[string]standing, len(i.batch.streams))
	taken := map[identity]bool{}
	for _, l := range i.batch.lines {
		at, ok := f.standing[l.Stream]
		if !ok {
			if at, _, err = i.known.standing(l.Stream); err != nil {
				return fresh{}, err
			}
			f.standing[l.Stream] = at
		}
		who := identity{l.Stream, l.Event.ID}
		held, err := i.known.holds(who)
		if err != nil {
			return fresh{}, err
		}
		switch {
		case held || taken[who] || at.closed && l.closes():
			f.known++
		case at.closed:
			return f, nil
		default:
			taken[who] = true
			f.add(l, at.last)
		}
	}
	return f, nil
}

// add appends a line to the writes. Neighbours in one stream share a write.
func (f *fresh) add(l line, last cairn.Revision) {
	f.lines = append(f.lines, l)
	n := len(f.writes)
	switch {
	case l.closes():
		f.writes = append(f.writes, cairn.Write{Stream: l.Stream, Expected: last, Delete: cairn.Tombstone})
	case n > 0 && f.writes[n-1].Stream == l.Stream:
		f.writes[n-1].Events = append(f.writes[n-1].Events, l.Event)
	default:
		f.writes = append(f.writes, cairn.Write{Stream: l.Stream, Expected: last, Events: []cairn.Event{l.Event}})
	}
}

// stored notes what a commit changed. What the store adds of its own, such as
// the metadata of a deleted stream that lives again, is not known here: it shows
// as a conflict, after which the stream is looked at again.
func (k *known) stored(f fresh) error {
	now := map[string]standing{}
	for _, l := range f.lines {
		at, ok := now[l.Stream]
		if !ok {
			at = f.standing[l.Stream]
		}
		now[l.Stream] = after(at, &l)
		if err := k.hold(identity{l.Stream, l.Event.ID}); err != nil {
			return err
		}
	}
	for stream, at := range now {
		if err := k.put(stream, at); err != nil {
			return err
		}
	}
	return k.flush()
}

func after(at standing, l *line) standing {
	if l.closes() {
		return standing{at.last, true}
	}
	return standing{at.last + 1, false}
}
