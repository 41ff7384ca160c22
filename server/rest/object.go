package rest

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/ndjson"
)

// object reads a JSON object strictly: set is called with each member and says
// whether there is such a field. The path is what errors call the object; it is
// empty for the body itself.
func object(path string, value []byte, set func(field string, value []byte) (known bool, err error)) error {
	seen := map[string]bool{}
	err := ndjson.Members(value, func(field string, v []byte) error {
		if seen[field] {
			return wrong(join(path, field), "stands twice")
		}
		seen[field] = true
		known, err := set(field, v)
		if !known {
			return wrong(join(path, fmt.Sprintf("%.40s", field)), "is not known here")
		}
		return at(join(path, field), err)
	})
	return at(path, err)
}

// list reads a JSON list of limited length.
func list(path string, value []byte, limit int, each func(path string, value []byte) error) error {
	if value[0] != '[' {
		return wrong(orBody(path), "is not a list")
	}
	var all []json.RawMessage
	if err := json.Unmarshal(value, &all); err != nil {
		return at(path, err)
	}
	if len(all) > limit {
		return &cairn.InvalidError{Field: orBody(path), Problem: fmt.Sprintf("%d; the limit is %d", len(all), limit), Limit: int64(limit)}
	}
	for i, v := range all {
		if err := each(fmt.Sprintf("%s[%d]", path, i), v); err != nil {
			return err
		}
	}
	return nil
}

// at says where an error is, unless it says so itself.
func at(path string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*cairn.InvalidError](err); ok {
		return err
	}
	return wrong(orBody(path), "%v", err)
}

func orBody(path string) string {
	if path == "" {
		return "body"
	}
	return path
}

func join(path, field string) string {
	if path == "" {
		return field
	}
	return path + "." + field
}
