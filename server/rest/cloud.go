package rest

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"mime"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/ndjson"
)

// Attributes of a CloudEvent that have no place in an event of ours are kept in
// its metadata, under this key, and given back when it is read as a CloudEvent.
const cloudKey = "cloudevents"

// Extensions that say what is ours about an event. Those that say where it
// stands are passed over on the way in, as in lines.
const (
	extStream   = "cairnstream"
	extRevision = "cairnrevision"
	extPosition = "cairnposition"
	extTags     = "cairntags" // a list of strings as JSON, because attributes are not lists
)

// attributes are what a CloudEvent says besides its data, as JSON values.
type attributes map[string][]byte

// text is an attribute that is a string; empty if it is not there.
func (a attributes) text(name string) string {
	s, _ := ndjson.Text(orEmpty(a[name])) // has been checked
	return s
}

func orEmpty(value []byte) []byte {
	if value == nil {
		return []byte(`""`)
	}
	return value
}

// set checks an attribute and adds it. A null says that it is not there.
func (a attributes) set(name string, value []byte) error {
	if string(value) == "null" {
		return nil
	}
	check, ok := cloudAttributes[name]
	if !ok {
		if err := checkExtension(name, value); err != nil {
			return err
		}
		a[name] = value
		return nil
	}
	s, err := ndjson.Text(value)
	if err == nil && s == "" {
		err = errors.New("must not be empty")
	}
	if err == nil {
		err = check(s)
	}
	if err == nil {
		a[name] = value
	}
	return err
}

// cloudAttributes are those that the specification knows. All are strings.
var cloudAttributes = map[string]func(string) error{
	"id":              anyText,
	"type":            anyText,
	"subject":         anyText,
	"source":          reference,
	"dataschema":      reference,
	"specversion":     version,
	"time":            timestamp,
	"datacontenttype": mediaType,
}

func anyText(string) error { return nil }

func version(s string) error {
	if s != "1.0" {
		return fmt.Errorf("%.40q is not 1.0", s)
	}
	return nil
}

func reference(s string) error {
	if _, err := url.Parse(s); err != nil {
		return fmt.Errorf("%.40q is not a URI", s)
	}
	return nil
}

func timestamp(s string) error {
	if _, err := time.Parse(time.RFC3339Nano, s); err != nil {
		return fmt.Errorf("%.40q is not a time such as 2024-05-01T10:00:00Z", s)
	}
	return nil
}

func mediaType(s string) error {
	if _, _, err := mime.ParseMediaType(s); err != nil {
		return fmt.Errorf("%.40q is not a media type", s)
	}
	return nil
}

// checkExtension holds an extension to the specification's rules for names and
// values.
func checkExtension(name string, value []byte) error {
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return errors.New("the name of an extension has the letters a to z and digits only")
		}
	}
	switch {
	case name == "":
		return errors.New("an extension has a name")
	case value[0] == '"':
		_, err := ndjson.Text(value)
		return err
	case string(value) == "true", string(value) == "false":
		return nil
	}
	if _, err := strconv.ParseInt(string(value), 10, 32); err != nil {
		return errors.New("an extension is a string, a whole number of 32 bits, true or false")
	}
	return nil
}

// formatOf is the format that data of a media type has. Without a media type it
// is JSON.
func formatOf(contentType string) cairn.Format {
	kind, _, _ := mime.ParseMediaType(contentType) // has been checked
	switch {
	case contentType == "", kind == jsonType, kind == "text/json", strings.HasSuffix(kind, "+json"):
		return cairn.JSON
	case kind == "application/protobuf", kind == "application/x-protobuf", kind == "application/vnd.google.protobuf":
		return cairn.Protobuf
	case kind == "application/avro", kind == "application/vnd.apache.avro", kind == "avro/binary":
		return cairn.Avro
	}
	return cairn.Binary
}

// deriveID makes an ID out of one that is no UUID: the same for the same event,
// which a CloudEvent is by its source and id together.
func deriveID(source, id string) (made cairn.ID) {
	sum := sha256.Sum256([]byte(source + "\x00" + id))
	copy(made[:], sum[:])
	made[6] = made[6]&0x0f | 0x80 // version 8: made by a rule of our own
	made[8] = made[8]&0x3f | 0x80
	return made
}
