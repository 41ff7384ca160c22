package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/proto/cairnv1"
)

// filled sets every field below v to a value of its own, so that a field that is
// not carried shows.
func filled(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(0, int64(*n)*1e15).UTC()))
			return
		}
		for i := range v.NumField() {
			filled(v.Field(i), n)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		filled(v.Elem(), n)
	case reflect.Slice:
		length := 2
		if v.Type().Elem() == reflect.TypeFor[*cairn.ConflictError]() {
			if length = 1; *n > 500 {
				return
			}
		}
		v.Set(reflect.MakeSlice(v.Type(), length, length))
		for i := range v.Len() {
			filled(v.Index(i), n)
		}
	case reflect.Array:
		for i := range v.Len() {
			filled(v.Index(i), n)
		}
	case reflect.String:
		v.SetString(fmt.Sprint("text", *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n) << 20)
	case reflect.Uint64:
		v.SetUint(uint64(*n) << 20)
	case reflect.Uint8:
		v.SetUint(uint64(*n%3 + 1))
	default:
		panic(v.Type().String())
	}
}

func fill[V any]() (v V) {
	filled(reflect.ValueOf(&v).Elem(), new(int))
	return v
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

// request is one batch in a request.
func request(number uint64, b *cairn.Batch) []byte {
	body, _ := AppendBatch(nil, b, time.Now())
	return AppendSubmission(nil, number, body)
}

func TestBatches(t *testing.T) {
	full := fill[cairn.Batch]()
	stepping := cairn.Batch{Writes: []cairn.Write{{Stream: "s", Expected: cairn.StreamExists, Events: []cairn.Event{
		{ID: cairn.NewID(), Type: "x", Time: time.Unix(0, 0).UTC()},
		{ID: cairn.NewID(), Type: "y", Data: bytes.Repeat([]byte("z"), 20000)},
		{ID: cairn.NewID(), Type: "y", Tags: []string{""}},
	}}}}
	for name, want := range map[string]cairn.Batch{"full": full, "empty": {}, "odd": stepping} {
		var r Request
		if err := new(RequestParser).Parse(request(7, &want), &r); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		same(t, name, r.Batches[0].Batch, want)
		same(t, name+": number", r.Batches[0].Number, uint64(7))
	}
}

// TestSchema: what is encoded by hand is what the schema says, to the last field.
func TestSchema(t *testing.T) {
	batch := fill[cairn.Batch]()
	open := AppendOpen(nil, Open{Session: cairn.NewID(), Attempt: 3})
	outcome := cairn.Outcome{BatchReceipt: fill[cairn.BatchReceipt]()}
	refused := cairn.Outcome{Err: errors.Join(everyError()...)}
	recorded := fill[cairn.Recorded]()
	for name, c := range map[string]struct {
		bytes []byte
		as    proto.Message
	}{
		"request":  {append(append(open, request(5, &batch)...), AppendAnswered(nil, 4)...), &cairnv1.CommitRequest{}},
		"outcome":  {AppendOutcome(nil, 5, &outcome), &cairnv1.CommitResponse{}},
		"refusal":  {AppendOutcome(nil, 5, &refused), &cairnv1.CommitResponse{}},
		"hello":    {AppendDrained(AppendHello(nil, fill[Hello]())), &cairnv1.CommitResponse{}},
		"begun":    {AppendBegun(nil, fill[Begun]()), &cairnv1.ReadResponse{}},
		"event":    {AppendItem(nil, &recorded), &cairnv1.ReadResponse{}},
		"caughtUp": {AppendCaughtUp(nil, -1), &cairnv1.ReadResponse{}},
		"progress": {AppendProgress(nil, 10000), &cairnv1.ReadResponse{}},
	} {
		if err := proto.Unmarshal(c.bytes, c.as); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		unknown(t, name, c.as)
		again, err := proto.MarshalOptions{Deterministic: true}.Marshal(c.as)
		if err != nil {
			t.Fatal(err)
		}
		whole := len(c.bytes) - 4*bytes.Count(c.bytes, []byte{0x80, 0x80, 0}) // long lengths are padded
		if len(again) != whole {
			t.Errorf("%s: %d bytes, encoded by the schema %d", name, whole, len(again))
		}
	}
}

func unknown(t *testing.T, name string, m proto.Message) {
	t.Helper()
	if n := len(m.ProtoReflect().GetUnknown()); n > 0 {
		t.Errorf("%s: %d bytes that the schema does not know", name, n)
	}
}

func everyError() []error {
	conflict, deleted := fill[cairn.ConflictError](), fill[cairn.DeletedError]()
	invalid, corrupt := fill[cairn.InvalidError](), fill[cairn.CorruptError]()
	return []error{&conflict, &deleted, &invalid, &corrupt}
}

func parse(t *testing.T, err error) error {
	t.Helper()
	got, malformed := ParseError(AppendError(nil, err), &Names{})
	if malformed != nil {
		t.Fatal(malformed)
	}
	return got
}

// TestErrors: what comes out is as good as what went in.
func TestErrors(t *testing.T) {
	for _, err := range everyError() {
		same(t, "fact", parse(t, err), err)
		wrapped := fmt.Errorf("while at it: %w", err)
		got := parse(t, wrapped)
		same(t, "text", got.Error(), wrapped.Error())
		as := reflect.New(reflect.TypeOf(err))
		if !errors.As(got, as.Interface()) || !reflect.DeepEqual(as.Elem().Interface(), err) {
			t.Errorf("%T is not found in %v", err, got)
		}
	}
	for _, sentinel := range []error{
		cairn.ErrClosed, cairn.ErrNoSpace, cairn.ErrFailed, cairn.ErrReadOnly, cairn.ErrUnknownOutcome,
		context.Canceled, context.DeadlineExceeded, ErrDenied, ErrUnauthenticated,
	} {
		if got := parse(t, sentinel); got != sentinel {
			t.Errorf("%v becomes %v", sentinel, got)
		}
	}
	both := fmt.Errorf("%w and %w, by the disk", cairn.ErrFailed, cairn.ErrUnknownOutcome)
	got := parse(t, both)
	if !errors.Is(got, cairn.ErrFailed) || !errors.Is(got, cairn.ErrUnknownOutcome) || errors.Is(got, cairn.ErrNoSpace) || got.Error() != both.Error() {
		t.Errorf("%v becomes %v", both, got)
	}
}

func TestStatus(t *testing.T) {
	invalid := fill[cairn.InvalidError]()
	same(t, "error", FromStatus(ToStatus(codes.InvalidArgument, &invalid)), error(&invalid))
	same(t, "another's", FromStatus(errors.New("x")), nil)
}

func TestOutcomes(t *testing.T) {
	for _, want := range []cairn.Outcome{
		{}, {BatchReceipt: fill[cairn.BatchReceipt]()},
		{BatchReceipt: cairn.BatchReceipt{Revisions: []cairn.Revision{cairn.NoStream, 0, cairn.TombstoneRevision}}},
		{Err: cairn.ErrNoSpace},
	} {
		var r Response
		if err := new(ResponseParser).Parse(AppendOutcome(nil, 9, &want), &r); err != nil {
			t.Fatal(err)
		}
		same(t, "outcome", r.Outcomes, []Outcome{{9, want}})
	}
}

// TestReadings: also that an event's bytes can be changed without harm to others.
func TestReadings(t *testing.T) {
	e := fill[cairn.Recorded]()
	e.Data, e.Metadata = []byte("data"), []byte("meta")
	b := AppendBegun(nil, Begun{cairn.NewID(), 4})
	b = AppendProgress(AppendCaughtUp(AppendItem(AppendItem(b, &e), &e), -1), 8)
	var r Reading
	if err := new(ReadingParser).Parse(b, &r); err != nil {
		t.Fatal(err)
	}
	same(t, "items", r.Items, []Item{{Kind: Event, Event: e}, {Kind: Event, Event: e}, {Kind: CaughtUp, At: -1}, {Kind: Progress, At: 8}})
	clear(b)
	first := &r.Items[0].Event
	clear(first.Data)
	first.Data = append(first.Data, "that runs over"...)
	same(t, "the neighbour", r.Items[1].Event, e)
	same(t, "the metadata", string(first.Metadata), "meta")
}

// TestFragments: what is too long travels in pieces that are not.
func TestFragments(t *testing.T) {
	e := cairn.Recorded{Event: cairn.Event{Type: "x", Data: bytes.Repeat([]byte("abc"), 1<<20)}, Stream: "s", Position: 3}
	var parser ReadingParser
	var r Reading
	n := 0
	for piece := range ReadingFragments(AppendItem(nil, &e)) {
		if n++; len(piece) > 1<<20 {
			t.Fatalf("a piece of %d bytes", len(piece))
		}
		if err := parser.Parse(piece, &r); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "pieces", n, 4)
	same(t, "items", r.Items, []Item{{Kind: Event, Event: e}})
}

// TestEndlessFragments are refused before they fill the memory.
func TestEndlessFragments(t *testing.T) {
	a := Assembly{limit: 100}
	piece := appendBytes(nil, 1, make([]byte, 60))
	if _, err := a.add(piece); err != nil {
		t.Fatal(err)
	}
	if _, err := a.add(piece); !errors.Is(err, ErrTooLong) {
		t.Errorf("got %v", err)
	}
}

// TestEmptyStructures do not fill the memory either.
func TestEmptyStructures(t *testing.T) {
	write := append([]byte{0x0a}, 0x80, 0x80, 0x20) // 512 Ki bytes of empty events
	write = append(write, bytes.Repeat([]byte{0x1a, 0}, 1<<18+1)...)
	write[1], write[2], write[3] = 0x82, 0x80, 0x20
	_, err := ParseBatch(write, &Names{})
	if !errors.Is(err, ErrMalformed) {
		t.Errorf("got %v", err)
	}
}

// TestIDsAreMade for events that have none, and only for them.
func TestIDsAreMade(t *testing.T) {
	own := cairn.NewID()
	b := cairn.Batch{Writes: []cairn.Write{{Stream: "s", Events: []cairn.Event{{Type: "x"}, {Type: "x", ID: own}}}}}
	body, made := AppendBatch(nil, &b, time.Now())
	got, err := ParseBatch(body, &Names{})
	if err != nil {
		t.Fatal(err)
	}
	events := got.Writes[0].Events
	if !made || events[0].ID.IsZero() || events[1].ID != own || !b.Writes[0].Events[0].ID.IsZero() {
		t.Errorf("made %v, %v of %v", made, events, b)
	}
	if _, made = AppendBatch(nil, &got, time.Now()); made {
		t.Error("IDs were made for events that have one")
	}
}

func TestQueries(t *testing.T) {
	for _, want := range []cairn.Query{nil, {}, {{}}, fill[cairn.Query]()} {
		same(t, "query", ToQuery(FromQuery(want)), want)
		c := cairn.Condition{Stream: "s", Query: want}
		got, err := parseCondition(appendCondition(nil, &c), &Names{})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "condition", got, c)
	}
}

func TestMetadata(t *testing.T) {
	for _, want := range []cairn.StreamMetadata{
		{},
		{MaxAge: time.Hour, MaxCount: 7, TruncateBefore: 8, CacheControl: time.Second},
		{ACL: &cairn.ACL{Read: []string{}, Write: []string{"a", "b"}}},
		{Custom: map[string]json.RawMessage{"a": json.RawMessage(`{ "spaced" : "<&>" }`)}},
	} {
		same(t, "metadata", ToMetadata(FromMetadata(&want)), want)
	}
	same(t, "fields", reflect.TypeFor[cairn.StreamMetadata]().NumField(), 6)
	same(t, "fields of an ACL", reflect.TypeFor[cairn.ACL]().NumField(), 5)
}

// TestOptionsAreKnown: whoever adds an option has to carry it to the server.
func TestOptionsAreKnown(t *testing.T) {
	same(t, "options of ReadStream", reflect.TypeFor[cairn.ReadOptions]().NumField(), 6)
	same(t, "options of ReadAll", reflect.TypeFor[cairn.AllOptions]().NumField(), 10)
}
