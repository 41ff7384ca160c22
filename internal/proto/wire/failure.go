package wire

import (
	"context"
	"errors"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/proto/cairnv1"
)

var (
	// ErrDenied is matched by the error of what the caller may not do.
	ErrDenied = errors.New("cairn: not allowed")
	// ErrUnauthenticated is matched by the error of a caller who did not prove
	// who they are.
	ErrUnauthenticated = errors.New("cairn: name or password is wrong")
)

// matters are the questions that an error can be asked, in the order of their
// numbers in the protocol.
var matters = [...]error{
	cairnv1.Matter_MATTER_CLOSED:            cairn.ErrClosed,
	cairnv1.Matter_MATTER_NO_SPACE:          cairn.ErrNoSpace,
	cairnv1.Matter_MATTER_FAILED:            cairn.ErrFailed,
	cairnv1.Matter_MATTER_READ_ONLY:         cairn.ErrReadOnly,
	cairnv1.Matter_MATTER_UNKNOWN_OUTCOME:   cairn.ErrUnknownOutcome,
	cairnv1.Matter_MATTER_DENIED:            ErrDenied,
	cairnv1.Matter_MATTER_UNAUTHENTICATED:   ErrUnauthenticated,
	cairnv1.Matter_MATTER_CANCELED:          context.Canceled,
	cairnv1.Matter_MATTER_DEADLINE_EXCEEDED: context.DeadlineExceeded,
}

// A Failure is an error that came over the network. It answers errors.Is and
// errors.As as the original does, as far as the contract asks.
type Failure struct {
	Message string
	Causes  []error
}

// Error is the original's text.
func (f *Failure) Error() string { return f.Message }

// Unwrap returns what the original matched.
func (f *Failure) Unwrap() []error { return f.Causes }

// AppendError appends the fields of an Error.
func AppendError(b []byte, err error) []byte {
	b = appendText(b, 1, err.Error())
	for matter, sentinel := range matters {
		if sentinel != nil && errors.Is(err, sentinel) {
			b = appendNumber(b, 2, uint64(matter))
		}
	}
	at := 0
	if e, ok := errors.AsType[*cairn.ConflictError](err); ok {
		b, at = begin(b, 3)
		b = end(appendConflict(b, e), at)
	}
	if e, ok := errors.AsType[*cairn.DeletedError](err); ok {
		b, at = begin(b, 4)
		b = end(appendFlag(appendText(b, 1, e.Stream), 2, e.Tombstone), at)
	}
	if e, ok := errors.AsType[*cairn.InvalidError](err); ok {
		b, at = begin(b, 5)
		b = end(appendNumber(appendText(appendText(b, 1, e.Field), 2, e.Problem), 3, uint64(e.Limit)), at)
	}
	if e, ok := errors.AsType[*cairn.CorruptError](err); ok {
		b, at = begin(b, 6)
		b = end(appendCorrupt(b, e), at)
	}
	return b
}

func appendConflict(b []byte, e *cairn.ConflictError) []byte {
	b = appendText(b, 1, e.Stream)
	b = appendSigned(b, 2, int64(e.Expected))
	b = appendSigned(b, 3, int64(e.Actual))
	b = appendQuery(b, 4, e.Query)
	b = appendNumber(b, 5, uint64(e.After))
	for _, p := range e.Positions {
		b = appendNumber(b, 6, uint64(p))
	}
	at := 0
	for i := range e.Events {
		b, at = begin(b, 7)
		b = end(appendRecorded(b, &e.Events[i]), at)
	}
	for _, other := range e.Others {
		b, at = begin(b, 8)
		b = end(appendConflict(b, other), at)
	}
	return b
}

func appendCorrupt(b []byte, e *cairn.CorruptError) []byte {
	b = appendText(b, 1, e.Path)
	b = appendNumber(b, 2, uint64(e.Offset))
	b = appendNumber(b, 3, uint64(e.Position))
	b = appendText(b, 4, e.Problem)
	return appendText(b, 5, e.Hint)
}

// ParseError decodes an Error. Bytes in it share the memory of b. malformed is
// set if that is not possible.
func ParseError(b []byte, names *Names) (err, malformed error) {
	f := &Failure{}
	p := parser{rest: b}
	for p.next() {
		var cause, err error
		switch p.number {
		case 1:
			f.Message = p.text()
		case 2:
			cause = matter(p.uint())
		case 3:
			cause, err = parseConflict(p.bytes(), names, 0)
		case 4:
			cause, err = parseDeleted(p.bytes())
		case 5:
			cause, err = parseInvalid(p.bytes())
		case 6:
			cause, err = parseCorrupt(p.bytes())
		}
		if p.take(err); cause != nil {
			f.Causes = append(f.Causes, cause)
		}
	}
	if len(f.Causes) == 1 && f.Causes[0].Error() == f.Message {
		return f.Causes[0], p.err
	}
	return f, p.err
}

func matter(n uint64) error {
	if n < uint64(len(matters)) {
		return matters[n]
	}
	return nil
}

// deepest is how many conflicts may lie within each other.
const deepest = 8

func parseConflict(b []byte, names *Names, depth int) (e *cairn.ConflictError, err error) {
	e = &cairn.ConflictError{}
	p := parser{rest: b}
	for p.next() {
		switch p.number {
		case 1:
			e.Stream = p.text()
		case 2:
			e.Expected = cairn.Revision(p.signed())
		case 3:
			e.Actual = cairn.Revision(p.signed())
		case 4:
			e.Query, err = parseQuery(p.bytes(), names)
			p.take(err)
		case 5:
			e.After = cairn.Position(p.uint())
		case 6:
			for _, n := range p.list(nil) {
				e.Positions = append(e.Positions, cairn.Position(n))
			}
		case 7:
			e.Events = append(e.Events, cairn.Recorded{})
			p.take(parseRecorded(p.bytes(), &e.Events[len(e.Events)-1], names))
		case 8:
			if depth == deepest {
				p.fail("value", errDeep)
				break
			}
			other, err := parseConflict(p.bytes(), names, depth+1)
			p.take(err)
			e.Others = append(e.Others, other)
		}
	}
	return e, p.err
}

func parseDeleted(b []byte) (*cairn.DeletedError, error) {
	e := &cairn.DeletedError{}
	p := parser{rest: b}
	for p.next() {
		switch p.number {
		case 1:
			e.Stream = p.text()
		case 2:
			e.Tombstone = p.flag()
		}
	}
	return e, p.err
}

func parseInvalid(b []byte) (*cairn.InvalidError, error) {
	e := &cairn.InvalidError{}
	p := parser{rest: b}
	for p.next() {
		switch p.number {
		case 1:
			e.Field = p.text()
		case 2:
			e.Problem = p.text()
		case 3:
			e.Limit = int64(p.uint())
		}
	}
	return e, p.err
}

func parseCorrupt(b []byte) (*cairn.CorruptError, error) {
	e := &cairn.CorruptError{}
	p := parser{rest: b}
	for p.next() {
		switch p.number {
		case 1:
			e.Path = p.text()
		case 2:
			e.Offset = int64(p.uint())
		case 3:
			e.Position = cairn.Position(p.uint())
		case 4:
			e.Problem = p.text()
		case 5:
			e.Hint = p.text()
		}
	}
	return e, p.err
}
