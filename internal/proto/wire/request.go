package wire

import (
	"slices"

	"github.com/cairndb/cairn"
)

// An Open begins or resumes a session.
type Open struct {
	Session cairn.ID
	Attempt uint64
}

// A Submission is a batch and the number under which it is answered.
type Submission struct {
	Number uint64
	Batch  cairn.Batch
	Size   int // in bytes, encoded
}

// A Request is a CommitRequest.
type Request struct {
	Open     *Open
	Batches  []Submission
	Answered uint64
}

// AppendOpen appends the field that opens a session.
func AppendOpen(b []byte, o Open) []byte {
	b, at := begin(b, 1)
	return end(appendNumber(appendBytes(b, 1, o.Session[:]), 2, o.Attempt), at)
}

// AppendAnswered appends the field that says up to which number every batch was
// answered.
func AppendAnswered(b []byte, number uint64) []byte { return appendNumber(b, 3, number) }

// A RequestParser decodes the CommitRequests of one stream.
type RequestParser struct {
	names    Names
	assembly Assembly
}

// Parse decodes a message into r, whose memory it uses again. Nothing in r
// shares the memory of b.
func (d *RequestParser) Parse(b []byte, r *Request) error {
	b = slices.Clone(b)
	*r = Request{Batches: r.Batches[:0]}
	d.names.made, d.names.filters = 0, 0
	p := parser{rest: b}
	for p.next() {
		switch p.number {
		case 1:
			o, err := parseOpen(p.bytes())
			p.take(err)
			r.Open = o
		case 2:
			p.take(d.submission(p.bytes(), r))
		case 3:
			r.Answered = p.uint()
		case 4:
			d.assembly.limit = MaxBatch + 64
			whole, err := d.assembly.add(p.bytes())
			if p.take(err); whole != nil {
				p.take(d.submission(whole, r))
			}
		}
	}
	return p.err
}

func parseOpen(b []byte) (*Open, error) {
	o := &Open{}
	p := parser{rest: b}
	for p.next() {
		switch p.number {
		case 1:
			o.Session = p.id()
		case 2:
			o.Attempt = p.uint()
		}
	}
	return o, p.err
}

func (d *RequestParser) submission(b []byte, r *Request) (err error) {
	s := Submission{Size: len(b)}
	p := parser{rest: b}
	d.names.count(&p)
	for p.next() {
		switch p.number {
		case 1:
			s.Number = p.uint()
		case 2:
			s.Batch, err = ParseBatch(p.bytes(), &d.names)
			p.take(err)
		}
	}
	r.Batches = append(r.Batches, s)
	return p.err
}
