package wire

import (
	"bytes"
	"errors"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/cairndb/cairn"
)

// nested is content as the fields of the given numbers in one another, the
// outermost first.
func nested(content []byte, numbers ...protowire.Number) []byte {
	for i := len(numbers) - 1; i >= 0; i-- {
		content = protowire.AppendBytes(protowire.AppendTag(nil, numbers[i], protowire.BytesType), content)
	}
	return content
}

// TestParseCrowded is about messages of very many empty parts, which would take a
// hundred times their size in memory.
func TestParseCrowded(t *testing.T) {
	empty := bytes.Repeat(nested(nil, 1), mostFilters+1)
	for name, b := range map[string][]byte{
		"writes":     nested(empty, 2, 2),
		"events":     nested(bytes.Repeat(nested(nil, 3), mostFilters+1), 2, 2, 1),
		"conditions": nested(bytes.Repeat(nested(nil, 2), mostFilters+1), 2, 2),
		"filters":    nested(empty, 2, 2, 2, 3),
	} {
		var d RequestParser
		if err := d.Parse(b, &Request{}); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: got %v, want %v", name, err, ErrMalformed)
		}
	}
}

// TestParseManyTags keeps as many tags as it takes to refuse the event.
func TestParseManyTags(t *testing.T) {
	var e cairn.Event
	if err := parseEvent(bytes.Repeat(nested(nil, 6), 1<<20), &e, &Names{}); err != nil || len(e.Tags) != cairn.MaxTags+1 {
		t.Errorf("got %d tags, %v, want one more than %d", len(e.Tags), err, cairn.MaxTags)
	}
}
