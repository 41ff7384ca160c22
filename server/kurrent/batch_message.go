package kurrent

import (
	"math"
	"time"

	"github.com/cairndb/cairn"
)

// A batchMessage is a BatchAppendReq, decoded by hand: a server for many small
// appends spends most of its time on messages. What it holds belongs to the
// message's own bytes, so they are not changed once decoded.
type batchMessage struct {
	correlation []byte // the UUID as it was sent
	options     batchOptions
	proposed    []proposed
	bad         error // what is wrong with an event
	final       bool
	size        int // of the whole message in bytes

	lastType string // as types repeat
}

// batchOptions say where the events of an append go.
type batchOptions struct {
	given    bool
	named    bool
	stream   string
	expected cairn.Revision
	chosen   bool // something is expected
	far      bool // a revision beyond the last there can be
	deadline time.Time
	within   time.Duration // instead of the deadline
	timed    bool          // within is given
}

// decode implements decoder.
func (m *batchMessage) decode(b []byte) error {
	*m = batchMessage{proposed: m.proposed[:0], lastType: m.lastType, size: len(b)}
	return fields(b, func(f field) (err error) {
		switch f.tag {
		case 1<<3 | length:
			m.correlation = f.bytes
		case 2<<3 | length:
			err = m.options.decode(f.bytes)
		case 3<<3 | length:
			err = m.decodeProposed(f.bytes)
		case 4<<3 | varint:
			m.final = f.value != 0
		}
		return err
	})
}

func (o *batchOptions) decode(b []byte) error {
	o.given = true
	return fields(b, func(f field) error {
		switch f.tag {
		case 1<<3 | length:
			o.named = true
			return fields(f.bytes, func(f field) error {
				if f.tag == 3<<3|length {
					o.stream = string(f.bytes)
				}
				return nil
			})
		case 2<<3 | varint:
			o.far = f.value > math.MaxInt64
			o.expect(cairn.Revision(min(f.value, math.MaxInt64)))
		case 3<<3 | length:
			o.expect(cairn.NoStream)
		case 4<<3 | length:
			o.expect(cairn.Any)
		case 5<<3 | length:
			o.expect(cairn.StreamExists)
		case 6<<3 | length:
			seconds, nanos, err := decodeTime(f.bytes)
			o.deadline, o.timed = time.Unix(max(min(seconds, farthest), -farthest), nanos), false
			return err
		case 7<<3 | length:
			seconds, nanos, err := decodeTime(f.bytes)
			o.within, o.timed = duration(seconds, nanos), true
			return err
		}
		return nil
	})
}

func (o *batchOptions) expect(r cairn.Revision) { o.expected, o.chosen = r, true }

// farthest is how many seconds from 1970 a time can be compared at least.
const farthest = 1 << 40

// decodeTime decodes a Timestamp or a Duration.
func decodeTime(b []byte) (seconds, nanos int64, err error) {
	err = fields(b, func(f field) error {
		switch f.tag {
		case 1<<3 | varint:
			seconds = int64(f.value)
		case 2<<3 | varint:
			nanos = int64(int32(f.value))
		}
		return nil
	})
	return seconds, nanos, err
}

// duration is what a Duration means, as far as there are so long ones: some
// clients send more than ten thousand years.
func duration(seconds, nanos int64) time.Duration {
	const most = math.MaxInt64/int64(time.Second) - 3 // so that the nanoseconds do not matter
	return time.Duration(max(min(seconds, most), -most))*time.Second + time.Duration(nanos)
}

// until is when an append that was opened now must have been made.
func (o *batchOptions) until(now time.Time, longest time.Duration) time.Time {
	until := now.Add(longest)
	if o.timed {
		return now.Add(min(o.within, longest))
	}
	if !o.deadline.IsZero() && o.deadline.Before(until) {
		return o.deadline
	}
	return until
}

// decodeProposed decodes an event. One that is too many is not kept: the last of
// those that are is too many already, as it makes the append fail.
func (m *batchMessage) decodeProposed(b []byte) error {
	var p proposed
	err := fields(b, func(f field) (err error) {
		switch f.tag {
		case 1<<3 | length:
			p.id, err = m.decodeID(f.bytes)
		case 2<<3 | length:
			err = m.decodeEntry(f.bytes, &p)
		case 3<<3 | length:
			p.metadata = f.bytes
		case 4<<3 | length:
			p.data = f.bytes
		}
		return err
	})
	if len(m.proposed) <= cairn.MaxBatchEvents {
		m.proposed = append(m.proposed, p)
	}
	return err
}

// decodeID decodes a UUID in either form. Text that is none is remembered, as it
// concerns this append alone.
func (m *batchMessage) decodeID(b []byte) (id cairn.ID, err error) {
	err = fields(b, func(f field) (err error) {
		switch f.tag {
		case 1<<3 | length:
			id, err = decodeHalves(f.bytes)
		case 2<<3 | length:
			var bad error
			if id, bad = cairn.ParseID(string(f.bytes)); bad != nil {
				m.bad = invalidArgument("%v", bad)
			}
		}
		return err
	})
	return id, err
}

func decodeHalves(b []byte) (cairn.ID, error) {
	var most, least uint64
	err := fields(b, func(f field) error {
		switch f.tag {
		case 1<<3 | varint:
			most = f.value
		case 2<<3 | varint:
			least = f.value
		}
		return nil
	})
	return idOfHalves(int64(most), int64(least)), err
}

// decodeEntry decodes an entry of the map that says what an event is.
func (m *batchMessage) decodeEntry(b []byte, p *proposed) error {
	var key, value []byte
	err := fields(b, func(f field) error {
		switch f.tag {
		case 1<<3 | length:
			key = f.bytes
		case 2<<3 | length:
			value = f.bytes
		}
		return nil
	})
	switch string(key) {
	case keyType:
		if m.lastType != string(value) {
			m.lastType = string(value)
		}
		p.typ, p.hasType = m.lastType, true
	case keyContentType:
		p.json, p.hasContentType = string(value) == contentJSON, true
	}
	return err
}
