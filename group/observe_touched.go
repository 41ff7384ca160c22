package group

import (
	"context"

	"github.com/cairndb/cairn"
)

// A touch is which streams of groups were written to since an observer looked. Nil
// means that nobody knows, because there is too much to look through.
type touch map[string]bool

// any reports whether one of the streams may have been written to.
func (t touch) any(streams ...string) bool {
	for _, s := range streams {
		if t == nil || t[s] {
			return true
		}
	}
	return false
}

// touches is how many events an observer looks through to find out what it need not
// look at: reading them costs about what looking at a few partitions does.
const touches = 200

// touched finds out what was written since the observer looked, and up to which head
// that is so. A group has two streams for each partition, and of few anything has
// become when somebody looks again soon.
func (o *Observer) touched(ctx context.Context) (touch, cairn.Position, error) {
	info, err := o.store.Info(ctx)
	if err != nil || o.seen == 0 {
		return nil, info.Head, err
	}
	t := touch{}
	q := cairn.ByCategory(cairn.Category(prefix), cairn.Category(cairn.MetadataStream(prefix)))
	n := 0
	for e, err := range o.store.ReadAll(ctx, cairn.AllOptions{After: o.seen, Before: info.Head + 1, Query: q, Limit: touches}) {
		if err != nil {
			return nil, info.Head, err
		}
		if n++; n == touches {
			return nil, info.Head, nil
		}
		stream, described := cairn.DescribedStream(e.Stream)
		if !described {
			stream = e.Stream
		}
		t[stream] = true
	}
	return t, info.Head, nil
}
