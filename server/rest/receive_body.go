package rest

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/group"
	"github.com/cairndb/cairn/internal/ndjson"
)

// The bounds of what may be asked for.
const (
	maxDeliveries  = 100
	maxSettlements = 1000
	maxWait        = time.Minute
	minVisibility  = time.Second
	maxVisibility  = 12 * time.Hour
	maxAttempts    = 1_000_000
	maxPartitions  = 1024
	maxReason      = 4096
)

// An ask is the body of a request for deliveries.
type ask struct {
	limit    int
	wait     time.Duration
	settings *settings // nil if they were not given
}

// settings are those of a group that callers can choose. Their zero values are
// the defaults of package group.
type settings struct {
	query      cairn.Query
	system     bool
	end        bool
	after      cairn.Position
	partitions int
	attempts   int
	visible    time.Duration
}

func (o *settings) visibility() time.Duration { return cmp.Or(o.visible, 30*time.Second) }

func (o *settings) options() group.Options {
	start := group.After(o.after)
	if o.end {
		start = group.End()
	}
	return group.Options{
		Query: o.query, System: o.system, Start: start, Partitions: o.partitions, Attempts: o.attempts,
		Visibility: o.visibility(), Workers: maxUnsettled, Member: "http",
	}
}

func decodeAsk(text []byte) (ask, error) {
	a := ask{limit: 10, wait: 20 * time.Second}
	err := object("", text, func(field string, v []byte) (known bool, err error) {
		switch field {
		case "limit":
			a.limit, err = decodeCount(v, maxDeliveries)
		case "wait":
			a.wait, err = decodeDuration(v, 0, maxWait)
		case "group":
			a.settings, err = decodeSettings(field, v)
		default:
			return false, nil
		}
		return true, err
	})
	return a, err
}

func decodeSettings(path string, value []byte) (*settings, error) {
	o := &settings{}
	err := object(path, value, func(field string, v []byte) (known bool, err error) {
		switch field {
		case "query":
			o.query, err = decodeQuery(join(path, field), v)
		case "system":
			o.system, err = decodeFlag(v)
		case "start":
			err = o.decodeStart(v)
		case "partitions":
			o.partitions, err = decodeCount(v, maxPartitions)
		case "attempts":
			o.attempts, err = decodeCount(v, maxAttempts)
		case "visibility":
			o.visible, err = decodeDuration(v, minVisibility, maxVisibility)
		default:
			return false, nil
		}
		return true, err
	})
	if err == nil {
		err = o.query.Validate()
	}
	return o, err
}

func (o *settings) decodeStart(v []byte) error {
	switch string(v) {
	case `"beginning"`:
		return nil
	case `"end"`:
		o.end = true
		return nil
	}
	n, err := parseNumber(string(v), math.MaxInt64)
	if err != nil {
		return fmt.Errorf(`%.40q is neither a position nor one of "beginning" and "end"`, v)
	}
	o.after = cairn.Position(n)
	return nil
}

// decodeCount reads a number from 1 on.
func decodeCount(v []byte, most uint64) (int, error) {
	n, err := parseNumber(string(v), most)
	if err == nil && n == 0 {
		err = errors.New("must be at least 1")
	}
	return int(n), err
}

// decodeDuration reads a time such as "1m30s".
func decodeDuration(v []byte, least, most time.Duration) (time.Duration, error) {
	text, err := ndjson.Text(v)
	if err != nil {
		return 0, err
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("%.40q is no time such as \"1m30s\"", text)
	}
	if d < least || d > most {
		return 0, fmt.Errorf("%s is not between %s and %s", d, least, most)
	}
	return d, nil
}
