package main

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// A reading is what a reader has found.
type reading struct {
	Reads, Errors, Back int
	Error               string // the first one
	Backward            string // the first that went back in time
}

func readsPath(dir string) string { return filepath.Join(dir, "reads") }

// pupils is how many goroutines read, each with its share of the reads a second.
const pupils = 4

// A reader remembers what it has seen.
type reader struct {
	db    *sql.DB
	query string
	keys  int

	mu      sync.Mutex
	seen    map[int64]change // the highest that was ever shown
	version int
	reads   *bufio.Writer
	reading reading
	out     io.Writer
}

// read reads rows until ctx ends. How long each read took, from when it was due, and
// which version has answered goes to a file.
func read(ctx context.Context, p part, out io.Writer) (err error) {
	db, err := p.Space.open()
	if err != nil {
		return err
	}
	defer db.Close()
	file, err := os.Create(readsPath(p.Dir))
	if err != nil {
		return err
	}
	r := &reader{db: db, keys: p.Keys, seen: map[int64]change{}, reads: bufio.NewWriter(file), out: out}
	r.query = `SELECT version, n, at FROM spending WHERE k = $1`
	if p.Space.Kind == "sqlite" {
		r.query = `SELECT version, n, at FROM spending WHERE k = ?`
	}
	all, ctx := errgroup.WithContext(ctx)
	every := pupils * time.Second / time.Duration(p.Rate)
	for n := range pupils {
		all.Go(func() error { return r.pupil(ctx, every, time.Duration(n)*every/pupils) })
	}
	err = errors.Join(all.Wait(), r.reads.Flush(), file.Close())
	said, _ := json.Marshal(r.reading) // a struct of numbers and texts
	fmt.Fprintf(out, "found %s\n", said)
	return err
}

func (r *reader) pupil(ctx context.Context, every, offset time.Duration) error {
	for due := time.Now().Add(offset); ; due = due.Add(every) {
		rest(ctx, time.Until(due))
		if ctx.Err() != nil {
			return nil
		}
		k := rand.Int64N(int64(r.keys))
		before := r.floor(k)
		var version int
		var now change
		err := r.db.QueryRowContext(ctx, r.query, k).Scan(&version, &now.n, &now.at)
		if ctx.Err() != nil {
			return nil
		}
		if err := r.note(k, before, now, version, due, err); err != nil {
			return err
		}
	}
}

func (r *reader) floor(k int64) change {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seen[k]
}

// note judges a read: it must show at least what any had shown before it began.
func (r *reader) note(k int64, before, now change, version int, due time.Time, failed error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reading.Reads++
	switch {
	case failed != nil:
		r.reading.Errors++
		if r.reading.Error == "" {
			r.reading.Error = failed.Error()
		}
	case now.n < before.n || now.at < before.at:
		r.reading.Back++
		if r.reading.Backward == "" {
			r.reading.Backward = fmt.Sprintf("customer %d had %d events, the last at %d, and has %d, the last at %d, in version %d", k, before.n, before.at, now.n, now.at, version)
		}
	case now.at > r.seen[k].at:
		r.seen[k] = now
	}
	if failed == nil && version != r.version {
		r.version = version
		fmt.Fprintln(r.out, "saw", version)
	}
	_, err := fmt.Fprintln(r.reads, due.UnixNano(), int64(time.Since(due)), version)
	return err
}
