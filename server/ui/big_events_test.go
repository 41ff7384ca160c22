package ui_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
)

// A bigStore writes the events of a store to measure the pages on. A tenth of them
// are those of one stream, and every hundredth is of one correlation.
type bigStore struct {
	store   *disk.Store
	events  int
	history []told
	start   time.Time
	step    time.Duration

	batches []cairn.Batch
	n       int
}

// told is what a line of a history tells: see examples/history.
type told struct {
	Stream   string          `json:"stream"`
	Type     string          `json:"type"`
	Data     json.RawMessage `json:"data"`
	Metadata json.RawMessage `json:"metadata"`
}

// The names of what a big store has for measuring.
const (
	bigStream      = "ledger-1"
	bigCorrelation = "the-year"
	rares          = 10 // how many events are of a type, a tag and a field that no others have
)

// readHistory is what a file of events tells, or something like it if there is no
// file.
func readHistory(b *testing.B, file string) (all []told) {
	if file == "" {
		return inventedHistory()
	}
	f, err := os.Open(file)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		b.Fatal(err)
	}
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var t told
		if err := json.Unmarshal(lines.Bytes(), &t); err != nil {
			b.Fatal(err)
		}
		all = append(all, t)
	}
	if lines.Err() != nil {
		b.Fatal(lines.Err())
	}
	return all
}

// inventedHistory is one of files that are changed by commits.
func inventedHistory() (all []told) {
	for commit := range 1000 {
		id := fmt.Sprintf("%08x", commit*7919)
		metadata := fmt.Appendf(nil, `{"$correlationId":%q}`, id)
		all = append(all, told{"repository-r", "CommitMade", fmt.Appendf(nil, `{"commit":%q,"files":9}`, id), metadata})
		for file := range 9 {
			stream := fmt.Sprintf("file-r/dir%d/file%d.go", commit%37, (commit*31+file)%500)
			all = append(all, told{stream, "FileChanged", fmt.Appendf(nil, `{"commit":%q,"added":%d,"deleted":%d}`, id, commit%97, file), metadata})
		}
	}
	return all
}

// write appends all events: the history again and again, each time as that of other
// streams.
func (s *bigStore) write(ctx context.Context) error {
	for s.n < s.events {
		if err := s.add(ctx, s.next()); err != nil {
			return err
		}
	}
	return s.flush(ctx)
}

// next is the next event and its stream.
func (s *bigStore) next() cairn.Write {
	e := cairn.Event{ID: cairn.NewID(), Time: s.start.Add(time.Duration(s.n) * s.step)}
	if s.n%10 == 3 {
		return s.booked(e)
	}
	copied, t := s.n/len(s.history), &s.history[s.n%len(s.history)]
	category, name := cairn.Category(t.Stream), t.Stream
	if len(name) > len(category) {
		name = name[len(category)+1:]
	}
	e.Type, e.Data, e.Metadata = t.Type, t.Data, t.Metadata
	if correlation, _ := cairn.Correlation(t.Metadata); correlation != "" {
		e.Metadata = fmt.Appendf(nil, `{"$correlationId":"%s-%d"}`, correlation, copied)
	}
	if every := s.events / rares; s.n%every == every/2 {
		e.Type, e.Tags, e.Data = "Rare", []string{"rare:1"}, []byte(`{"rare":"yes"}`)
	}
	return cairn.Write{Stream: fmt.Sprintf("%s-%d/%s", category, copied, name), Expected: cairn.Any, Events: []cairn.Event{e}}
}

// booked is an event of the one large stream.
func (s *bigStore) booked(e cairn.Event) cairn.Write {
	e.Type, e.Data = "Booked", fmt.Appendf(nil, `{"balance":%d,"last":{"of":"account-%d","cents":%d}}`, s.n*7, s.n%1000, s.n%99)
	if s.n/10%10 == 0 {
		e.Metadata = []byte(`{"$correlationId":"` + bigCorrelation + `"}`)
	}
	return cairn.Write{Stream: bigStream, Expected: cairn.Any, Events: []cairn.Event{e}}
}

func (s *bigStore) add(ctx context.Context, w cairn.Write) error {
	s.batches = append(s.batches, cairn.Batch{Writes: []cairn.Write{w}})
	s.n++
	if len(s.batches) < 2000 {
		return nil
	}
	return s.flush(ctx)
}

func (s *bigStore) flush(ctx context.Context) error {
	for _, o := range cairn.CommitEach(ctx, s.store, s.batches) {
		if o.Err != nil {
			return o.Err
		}
	}
	s.batches = s.batches[:0]
	return nil
}
