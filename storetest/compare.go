package storetest

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/cairndb/cairn"
)

// difference says in what two events differ; it is empty if they do not.
func difference(got, want *cairn.Recorded) string {
	switch {
	case got.Position != want.Position:
		return fmt.Sprintf("position %d, want %d", got.Position, want.Position)
	case got.Stream != want.Stream || got.Revision != want.Revision:
		return fmt.Sprintf("stream %q at %v, want %q at %v", got.Stream, got.Revision, want.Stream, want.Revision)
	case got.ID != want.ID:
		return fmt.Sprintf("ID %v, want %v", got.ID, want.ID)
	case !got.Time.Equal(want.Time):
		return fmt.Sprintf("time %v, want %v", got.Time, want.Time)
	}
	return differentContent(&got.Event, &want.Event)
}

func differentContent(got, want *cairn.Event) string {
	switch {
	case got.Type != want.Type || got.Format != want.Format:
		return fmt.Sprintf("type %q, format %v, want %q, %v", got.Type, got.Format, want.Type, want.Format)
	case !bytes.Equal(got.Data, want.Data):
		return fmt.Sprintf("data %.80q, want %.80q", got.Data, want.Data)
	case !bytes.Equal(got.Metadata, want.Metadata):
		return fmt.Sprintf("metadata %.80q, want %.80q", got.Metadata, want.Metadata)
	case !slices.Equal(got.Tags, want.Tags):
		return fmt.Sprintf("tags %q, want %q", got.Tags, want.Tags)
	}
	return ""
}

// compareEvents reports the first difference between two lists.
func compareEvents(k *kit, what string, got, want []cairn.Recorded) {
	k.Helper()
	for i := range min(len(got), len(want)) {
		if d := difference(&got[i], &want[i]); d != "" {
			k.Errorf("%s: event %d: %s", what, i, d)
			return
		}
	}
	if len(got) != len(want) {
		k.Errorf("%s: got %d events at %v, want %d at %v", what, len(got), positions(got), len(want), positions(want))
	}
}
