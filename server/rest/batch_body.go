package rest

import (
	"bytes"
	"fmt"
	"math"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/ndjson"
)

// decodeBatch reads the body of a batch.
func decodeBatch(text []byte) (b cairn.Batch, err error) {
	if text = bytes.TrimSpace(text); len(text) == 0 {
		return b, wrong("body", "is empty")
	}
	err = object("", text, func(field string, v []byte) (known bool, err error) {
		switch field {
		case "key":
			b.Key, err = ndjson.Text(v)
		case "writes":
			err = list(field, v, cairn.MaxBatchWrites, func(path string, v []byte) error {
				w, err := decodeWrite(path, v)
				b.Writes = append(b.Writes, w)
				return err
			})
		case "conditions":
			err = list(field, v, cairn.MaxConditions, func(path string, v []byte) error {
				c, err := decodeCondition(path, v)
				b.Conditions = append(b.Conditions, c)
				return err
			})
		default:
			return false, nil
		}
		return true, err
	})
	return b, err
}

func decodeWrite(path string, value []byte) (cairn.Write, error) {
	w := cairn.Write{Expected: cairn.Any}
	err := object(path, value, func(field string, v []byte) (known bool, err error) {
		switch field {
		case "stream":
			w.Stream, err = ndjson.Text(v)
		case "expected":
			w.Expected, err = parseStandingJSON(v)
		case "events":
			w.Events, err = decodeEventList(join(path, field), v)
		case "delete":
			w.Delete, err = parseDeletion(v)
		default:
			return false, nil
		}
		return true, err
	})
	return w, err
}

func parseDeletion(value []byte) (cairn.Deletion, error) {
	name, err := ndjson.Text(value)
	switch {
	case err != nil:
		return 0, err
	case name == "soft":
		return cairn.SoftDelete, nil
	case name == "tombstone":
		return cairn.Tombstone, nil
	}
	return 0, fmt.Errorf(`%.40q is neither "soft" nor "tombstone"`, name)
}

func decodeCondition(path string, value []byte) (c cairn.Condition, err error) {
	seen := map[string]bool{}
	err = object(path, value, func(field string, v []byte) (known bool, err error) {
		seen[field] = true
		switch field {
		case "stream":
			c.Stream, err = ndjson.Text(v)
		case "expected":
			c.Expected, err = parseStandingJSON(v)
		case "query":
			c.Query, err = decodeQuery(join(path, field), v)
		case "after":
			var n uint64
			n, err = parseNumber(string(v), math.MaxUint64)
			c.After = cairn.Position(n)
		default:
			return false, nil
		}
		return true, err
	})
	if err == nil && seen["stream"] != seen["expected"] {
		err = wrong(path, "stream and expected belong together")
	}
	if err == nil && seen["query"] != seen["after"] {
		err = wrong(path, "query and after belong together")
	}
	return c, err
}

// decodeQuery reads a list of filters. It is not nil, which would select all.
func decodeQuery(path string, value []byte) (cairn.Query, error) {
	q := cairn.Query{}
	err := list(path, value, cairn.MaxFilters, func(path string, v []byte) error {
		f, err := decodeFilter(path, v)
		q = append(q, f)
		return err
	})
	return q, err
}

func decodeFilter(path string, value []byte) (f cairn.Filter, err error) {
	fields := map[string]*[]string{
		"types": &f.Types, "categories": &f.Categories, "streams": &f.Streams, "prefixes": &f.Prefixes, "tags": &f.Tags,
	}
	err = object(path, value, func(field string, v []byte) (known bool, err error) {
		if fields[field] == nil {
			return false, nil
		}
		names, err := ndjson.Texts(v)
		if names == nil {
			names = []string{} // which matches nothing, and is refused as such
		}
		*fields[field] = names
		return true, err
	})
	return f, err
}
