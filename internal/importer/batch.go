package importer

import (
	"slices"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/ndjson"
)

// A batch is as large as makes its sync cheap, and small enough that little is
// repeated when it has to be built again.
const (
	batchEvents = 512
	batchBytes  = 4 << 20
)

// A line is a decoded line and where it came from.
type line struct {
	ndjson.Line
	number int
	text   []byte
	size   int // bytes it takes, roughly
}

// closes reports whether the line stands for a stream being closed for good.
func (l *line) closes() bool {
	_, meta := cairn.DescribedStream(l.Stream)
	return l.Event.Type == cairn.TypeStreamDeleted && !meta
}

// A batch is lines that are stored together.
type batch struct {
	lines   []line
	bytes   int
	streams map[string]bool
}

func (b *batch) add(l line) {
	if b.streams == nil {
		b.streams = map[string]bool{}
	}
	b.lines = append(b.lines, l)
	b.bytes += l.size
	b.streams[l.Stream] = true
}

// drop takes the first n lines out.
func (b *batch) drop(n int) {
	rest := slices.Delete(b.lines, 0, n)
	*b = batch{lines: b.lines[:0]}
	for _, l := range rest {
		b.add(l)
	}
}

func (b *batch) full() bool { return len(b.lines) >= batchEvents || b.bytes >= batchBytes }

// fits reports whether the line can be stored with those before it. A stream
// and its metadata are kept apart, because one changes how the other stands;
// so is a line that closes a stream.
func (b *batch) fits(l *line) bool {
	if len(b.lines) == 0 {
		return true
	}
	described, meta := cairn.DescribedStream(l.Stream)
	return !l.closes() && !b.lines[len(b.lines)-1].closes() &&
		!(meta && b.streams[described]) && !b.streams[cairn.MetadataStream(l.Stream)]
}
