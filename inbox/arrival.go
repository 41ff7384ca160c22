package inbox

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
)

// MaxName is how long the source and the ID of an arrival may be, in bytes each.
const MaxName = 4096

// A Sum is the SHA-256 of what a message says, or of its source and ID.
type Sum = [sha256.Size]byte

// An Arrival is something that has arrived and may arrive again.
type Arrival struct {
	Source string    // who gave the ID; may be empty if there is only one who does
	ID     string    // the same however often it arrives
	Time   time.Time // when it was said; zero if unknown
	Sum    Sum       // of its content; zero is not compared
}

// ArrivalOf is a delivery as an arrival: the source, ID and time of its event
// and a sum over the type, subject, schema and data. White space in JSON does not
// count, as some brokers rewrite it.
func ArrivalOf(d broker.Delivery) Arrival {
	e := &d.Event
	data := e.Data()
	if kind := e.DataContentType(); kind == "" || strings.Contains(kind, "json") {
		data = compact(data)
	}
	return Arrival{
		Source: e.Source(), ID: e.ID(), Time: e.Time(),
		Sum: sum(e.Type(), e.Subject(), e.DataSchema(), string(data)),
	}
}

func compact(data []byte) []byte {
	var b bytes.Buffer
	if json.Compact(&b, data) != nil {
		return data
	}
	return b.Bytes()
}

// sum is over parts of any length: each one's is counted in.
func sum(parts ...string) (s Sum) {
	h := sha256.New()
	for _, p := range parts {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(p))))
		h.Write([]byte(p))
	}
	h.Sum(s[:0])
	return s
}

// Key identifies the arrival within an inbox: a sum of its source and ID.
func (a *Arrival) Key() Sum { return sum(a.Source, a.ID) }

func plain(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }

// Validate checks that there is an ID, and its length. The error matches
// cairn.ErrInvalid, and broker.ErrRejected, as it would be the same next time.
func (a *Arrival) Validate() error {
	var problem *cairn.InvalidError
	switch {
	case a.ID == "":
		problem = &cairn.InvalidError{Field: "id", Problem: "must not be empty: what has none cannot be known again"}
	case len(a.ID) > MaxName:
		problem = &cairn.InvalidError{Field: "id", Problem: "is longer than 4,096 bytes", Limit: MaxName}
	case len(a.Source) > MaxName:
		problem = &cairn.InvalidError{Field: "source", Problem: "is longer than 4,096 bytes", Limit: MaxName}
	case !plain(a.ID) || !plain(a.Source):
		problem = &cairn.InvalidError{Field: "id and source", Problem: "must be UTF-8 without zero bytes"}
	default:
		return nil
	}
	return errors.Join(problem, broker.ErrRejected)
}
