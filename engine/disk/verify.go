package disk

import (
	"context"
	"errors"
	"math"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cairndb/cairn"
)

// VerifyOptions are the settings of Verify.
type VerifyOptions struct {
	FS vfs.FS // nil means the operating system's

	// Progress is called now and then with how many of how many bytes have
	// been read.
	Progress func(done, total int64)
}

// A Report says what Verify has read.
type Report struct {
	Store    cairn.ID       `json:"store"`
	Segments int            `json:"segments"`
	Bytes    int64          `json:"bytes"`
	Batches  uint64         `json:"batches"`
	Events   uint64         `json:"events"`
	Head     cairn.Position `json:"head"`
	Streams  uint64         `json:"streams"`

	// TornBytes is how many bytes at the end of the log belong to a write that
	// was cut off by a crash, was never acknowledged, and is dropped by the
	// next Open. That is no damage.
	TornBytes int64 `json:"torn_bytes"`

	// IndexEntries is how many entries of the index were compared with the
	// log, and IndexReached the position up to which the index has come; Open
	// feeds it the rest.
	IndexEntries uint64         `json:"index_entries"`
	IndexReached cairn.Position `json:"index_reached"`

	// Problems is everything that is wrong, in the order in which it was
	// found; log problems are [*cairn.CorruptError]s.
	Problems []error `json:"-"`
}

// Verify reads everything in a store that no process has open, checks all
// checksums, revisions and positions, and compares the index with the log. It
// changes nothing. The error joins the report's Problems, or says why it could
// not look.
func Verify(ctx context.Context, dir string, o *VerifyOptions) (Report, error) {
	if o == nil {
		o = &VerifyOptions{}
	}
	opts, err := (&Options{FS: o.FS, ReadOnly: true}).withDefaults()
	if err != nil {
		return Report{}, err
	}
	d := directory{fs: opts.FS, path: absolute(opts.FS, dir)}
	s := &Store{dir: d, opts: opts, logger: opts.Logger}
	report, err := s.verify(ctx, o.Progress)
	if err == nil {
		err = errors.Join(report.Problems...)
	}
	return report, errors.Join(err, s.release())
}

func (s *Store) verify(ctx context.Context, progress func(done, total int64)) (Report, error) {
	if err := s.own(); err != nil {
		return Report{}, err
	}
	if err := s.openFiles(); err != nil {
		return Report{}, err
	}
	if err := s.segments.dropUnbegun(true); err != nil && !isCorrupt(err) {
		return Report{}, err
	}
	v := newVerifier(s, progress)
	v.proceed = func() error { return context.Cause(ctx) }
	return v.run()
}

// A verifier reads a store that is not open, or what was durable in an open one
// when it began: see scrub.go.
type verifier struct {
	store    *Store
	proceed  func() error // is asked now and then, and is why to stop
	progress func(done, total int64)
	report   Report
	end      address        // where the log ends; zero if that is to be found out
	known    cairn.Position // places behind it are no concern of ours
	pace     pace

	head           cairn.Position // of the frame read last
	inLog, inIndex totals
	total          int64
	records        map[string]*record
}

func newVerifier(s *Store, progress func(done, total int64)) *verifier {
	if progress == nil {
		progress = func(int64, int64) {}
	}
	v := &verifier{store: s, progress: progress, known: math.MaxUint64, inLog: newTotals(), inIndex: newTotals()}
	v.report.Store, v.report.IndexReached = s.ID, s.index.Checkpoint().Position
	return v
}

// run reads the log, and then the index.
func (v *verifier) run() (Report, error) {
	if err := v.log(); err != nil {
		return v.report, err
	}
	v.report.Head = v.head
	return v.report, v.index()
}

// open reports whether others write to the store meanwhile.
func (v *verifier) open() bool { return v.end != 0 }
