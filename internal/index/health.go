package index

import (
	"errors"
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
//
// Pebble reports that a flush found nothing to write as an error of the flush,
// but only real failures as background errors too. Those do not say whose they
// are; they are a flush's if they are what the last flush ended with.
func (x *Index) listener() *pebble.EventListener {
	var flush error
	return &pebble.EventListener{
		DataCorruption: func(info pebble.DataCorruptionInfo) { x.condemn(info) },
		FlushEnd: func(info pebble.FlushInfo) {
			if flush = info.Err; flush == nil {
				x.written("flush", &x.health.flush)
			}
		},
		CompactionEnd: func(info pebble.CompactionInfo) {
			if info.Err == nil {
				x.written("compaction", &x.health.compact)
			}
		},
		BackgroundError: func(err error) {
			if flush != nil && errors.Is(err, flush) {
				x.attempted("flush", &x.health.flush, err)
				return
			}
			x.attempted("compaction", &x.health.compact, err)
		},
	}
}

// written is told that a flush or a compaction succeeded.
func (x *Index) written(what string, field *error) {
	x.files.tableWritten()
	x.readers.outdate(all) // of iterators that keep memtables and tables from being freed
	x.readers.outdate(tables)
	x.tasks.Go(x.readers.dropIdle) // not here: it takes locks of Pebble's
	x.attempted(what, field, nil)
}
