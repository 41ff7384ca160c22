package index

import (
	"sync"

	"github.com/cockroachdb/pebble/v2"
)

// A health is what is known of the writing in the background.
type health struct {
	mu       sync.Mutex
	flush    error // of the last flush, if it failed
	compact  error // of the last compaction, if it failed
	manifest error // of the manifest's write that waits
	failures uint64
	changed  chan struct{} // closed when any of these changes
}

// A prognosis is a health at one moment.
type prognosis struct {
	stuck      error // why the manifest cannot be written, which stops all else
	flushing   error // why flushing does not get on
	compacting error // why compacting does not get on
	failures   uint64
	changed    <-chan struct{}
}

func (h *health) look() prognosis {
	h.mu.Lock()
	defer h.mu.Unlock()
	p := prognosis{stuck: h.manifest, flushing: h.flush, compacting: h.compact, failures: h.failures, changed: h.changed}
	if h.manifest != nil {
		p.flushing, p.compacting = h.manifest, h.manifest
	}
	return p
}

// note stores how an attempt ended, and reports whether that is news.
func (h *health) note(field *error, err error) (news bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	news = err != nil && *field == nil
	if *field = err; err != nil && field != &h.compact {
		h.failures++
	}
	close(h.changed)
	h.changed = make(chan struct{})
	return news
}

// attempted is told how an attempt to write in the background ended.
func (x *Index) attempted(what string, field *error, err error) {
	news := x.health.note(field, err)
	if err != nil {
		x.options.OnBackgroundError(x.report(err))
	}
	if news {
		x.options.Logger.Error("index: cannot write, trying again", "what", what, "error", err)
	}
}

// listener hears what Pebble does in the background. It is called under
// Pebble's locks.
func (x *Index) listener() *pebble.EventListener {
	return &pebble.EventListener{
		BackgroundError: func(error) {}, // comes with the events below
		DataCorruption:  func(info pebble.DataCorruptionInfo) { x.condemn(info) },
		FlushEnd: func(info pebble.FlushInfo) {
			x.written("flush", &x.health.flush, info.Err)
		},
		CompactionEnd: func(info pebble.CompactionInfo) {
			x.written("compaction", &x.health.compact, info.Err)
		},
	}
}

// written is told how a flush or a compaction ended.
func (x *Index) written(what string, field *error, err error) {
	if err == nil {
		x.files.tableWritten()
		x.readers.outdate()
		x.tasks.Go(x.readers.dropIdle) // not here: it takes locks of Pebble's
	}
	x.attempted(what, field, err)
}
