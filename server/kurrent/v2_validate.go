package kurrent

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/proto/kurrentv2"
)

const (
	// maxComplaints is how many faults of a request are told.
	maxComplaints = 16
	// maxNesting is how deep lists and objects in a property may nest.
	maxNesting = 64
)

// complaints are the faults of a request, in the order in which they were found.
type complaints []*errdetails.BadRequest_FieldViolation

func (c *complaints) add(field, format string, args ...any) {
	if len(*c) < maxComplaints {
		*c = append(*c, &errdetails.BadRequest_FieldViolation{Field: field, Description: fmt.Sprintf(format, args...)})
	}
}

// err is nil if there is nothing to complain about.
func (c complaints) err() error {
	if len(c) == 0 {
		return nil
	}
	return v2Invalid(c...)
}

func (c *complaints) stream(field, name string) {
	if e, ok := errors.AsType[*cairn.InvalidError](cairn.ValidateStream(field, name)); ok {
		c.add(e.Field, "%s", e.Problem)
	}
}

func (c *complaints) records(records []*kurrentv2.AppendRecord) {
	if len(records) == 0 {
		c.add("records", "at least one is required")
	}
	for i, r := range records {
		c.record(fmt.Sprintf("records[%d].", i), r)
	}
}

func (c *complaints) record(path string, r *kurrentv2.AppendRecord) {
	if r.RecordId != nil {
		if id, err := cairn.ParseID(*r.RecordId); err != nil || id.IsZero() {
			c.add(path+"record_id", "is not a UUID, or all zeros")
		}
	}
	c.schema(path+"schema", r.GetSchema())
	for key, value := range r.GetProperties() {
		if key == "" {
			c.add(path+"properties", "a key is empty")
		}
		c.value(path+"properties", key, value, 0)
	}
}

func (c *complaints) schema(path string, s *kurrentv2.SchemaInfo) {
	if _, ok := formats[s.GetFormat()]; !ok {
		c.add(path+".format", "%d is not a format that is known", s.GetFormat())
	}
	switch name := s.GetName(); {
	case name == "":
		c.add(path+".name", "must not be empty")
	case !norm.NFC.IsNormalString(name):
		c.add(path+".name", "is not in Unicode's normal form C")
	case strings.IndexFunc(name, foreign) >= 0:
		c.add(path+".name", "may have letters, digits, and _ . $ : - only")
	}
	if s != nil && s.Id != nil {
		if _, err := cairn.ParseID(*s.Id); err != nil {
			c.add(path+".id", "is not a UUID")
		}
	}
}

// foreign reports what the name of a schema may not have.
func foreign(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_.$:-", r)
}

// value wants to be able to say the value in JSON.
func (c *complaints) value(path, key string, v *structpb.Value, depth int) {
	switch k := v.GetKind().(type) {
	case nil:
		c.add(path, "the value of %.100q has no kind", key)
	case *structpb.Value_NumberValue:
		if math.IsNaN(k.NumberValue) || math.IsInf(k.NumberValue, 0) {
			c.add(path, "the value of %.100q is not a number", key)
		}
	case *structpb.Value_ListValue:
		c.list(path, key, k.ListValue.GetValues(), depth+1)
	case *structpb.Value_StructValue:
		for _, member := range k.StructValue.GetFields() {
			c.list(path, key, []*structpb.Value{member}, depth+1)
		}
	}
}

func (c *complaints) list(path, key string, values []*structpb.Value, depth int) {
	if depth > maxNesting {
		c.add(path, "the value of %.100q is nested more than %d deep", key, maxNesting)
		return
	}
	for _, v := range values {
		c.value(path, key, v, depth)
	}
}

// revision complains about what is none and not one of the names.
func (c *complaints) revision(field string, r int64, names ...cairn.Revision) {
	if r >= 0 {
		return
	}
	for _, name := range names {
		if r == int64(name) {
			return
		}
	}
	c.add(field, "%d is neither a revision nor a state that can be asked for", r)
}
