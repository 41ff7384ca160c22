package projection

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/cairndb/cairn"
)

// The streams of the store in which runners report. Only the last events of each
// are kept.
const (
	reportPrefix = "$projection-"
	typeStatus   = "$projection-status"
	keepReports  = 4
)

// ReportStream is the stream in which the runners of a projection report how far it
// is, if the log that they were given can be appended to. Its events are a [Status]
// as JSON. A server takes who may read it for who may look at the projection.
func ReportStream(name string) string { return reportPrefix + name }

// A ReportStore is what is needed of a store to read reports.
type ReportStore interface {
	cairn.StreamReader
	cairn.LogReader
}

// Reported is what the runners of all projections have reported last, by name. It
// is there without the databases that hold the read models, and as old as At says:
// runners report every two seconds, but not while nothing happens.
func Reported(ctx context.Context, store ReportStore) ([]Status, error) {
	all := []Status{}
	seen := map[string]bool{}
	// Each stream's first report sets its metadata, which stays when reports go.
	described := cairn.Query{{Types: []string{cairn.TypeMetadata}, Categories: []string{cairn.Category(cairn.MetadataStream(reportPrefix))}}}
	for e, err := range store.ReadAll(ctx, cairn.AllOptions{Query: described}) {
		if err != nil {
			return nil, err
		}
		stream, _ := cairn.DescribedStream(e.Stream)
		if seen[stream] {
			continue
		}
		seen[stream] = true
		s, err := lastReport(ctx, store, stream)
		if err != nil {
			return nil, err
		}
		if s != nil {
			all = append(all, *s)
		}
	}
	slices.SortFunc(all, func(a, b Status) int { return cmp.Compare(a.Projection, b.Projection) })
	return all, nil
}

// ReportedOf is what the runners of one projection have reported last. One of which
// there is no report is an [ErrUnknown].
func ReportedOf(ctx context.Context, store cairn.StreamReader, name string) (Status, error) {
	if err := checkName("name", name); err != nil {
		return Status{}, err
	}
	s, err := lastReport(ctx, store, ReportStream(name))
	if err == nil && s == nil {
		err = nothing(name, "no runner has reported to this store")
	}
	if err != nil {
		return Status{}, err
	}
	return *s, nil
}

// lastReport is nil if there is none, or if the projection was removed.
func lastReport(ctx context.Context, store cairn.StreamReader, stream string) (*Status, error) {
	for e, err := range store.ReadStream(ctx, stream, cairn.ReadOptions{Backward: true, Limit: 1}) {
		if errors.Is(err, cairn.ErrStreamDeleted) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		var s Status
		if e.Type != typeStatus || json.Unmarshal(e.Data, &s) != nil || len(s.Builds) == 0 || ReportStream(s.Projection) != stream {
			return nil, nil // somebody else's event, or a farewell
		}
		return &s, nil
	}
	return nil, nil
}

// Unreport takes back what was reported of a projection that is no more.
func Unreport(ctx context.Context, store cairn.Appender, name string) error {
	if err := checkName("name", name); err != nil {
		return err
	}
	return appendReport(ctx, store, &Status{Projection: name}, cairn.Any)
}

// appendReport appends a report, and says after the first how many are to be kept.
func appendReport(ctx context.Context, store cairn.Appender, s *Status, expected cairn.Revision) error {
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	stream := ReportStream(s.Projection)
	r, err := store.Append(ctx, stream, expected, cairn.Event{Type: typeStatus, Data: data})
	if err != nil || r.Revision != 0 {
		return err
	}
	_, err = cairn.SetMetadata(ctx, store, stream, cairn.NoStream, cairn.StreamMetadata{MaxCount: keepReports})
	return unlessConflict(err)
}

// unlessConflict takes it for done what somebody else has done.
func unlessConflict(err error) error {
	if errors.Is(err, cairn.ErrConflict) {
		return nil
	}
	return err
}
