package rest

import (
	"context"
	"errors"
	"net/http"

	"github.com/cairndb/cairn/internal/importer"
	"github.com/cairndb/cairn/server/access"
)

// maxRefused is how many broken lines an answer lists.
const maxRefused = 20

// A summary says what became of the lines of an import.
type summary struct {
	importer.Summary
	Errors []refused `json:"errors,omitempty"`
}

// refused is a line that was left out.
type refused struct {
	Line  int    `json:"line"`
	Error string `json:"error"`
}

// importLines is POST /import. Each line is stored exactly once, so an import
// that was cut off can be sent again.
func (s *service) importLines(w http.ResponseWriter, r *http.Request) error {
	q := query(r, "skipInvalid", "dryRun")
	skip, dry := q.flag("skipInvalid"), q.flag("dryRun")
	if q.err != nil {
		return q.err
	}
	if err := s.access.CheckRole(r.Context()); err != nil {
		return err // before a place is taken
	}
	if _, err := contentType(r, linesType, "application/ndjson", "application/jsonl"); err != nil {
		return err
	}
	release, err := s.imports.take("imports")
	if err != nil {
		return err
	}
	defer release()
	var told summary
	o := importer.Options{DryRun: dry, Memory: s.o.ImportMemory, Admit: func(stream string, closes bool) error {
		if closes {
			return s.may(r.Context(), access.Delete, stream)
		}
		return s.may(r.Context(), access.Write, stream)
	}}
	if skip {
		o.Invalid = told.leaveOut
	}
	// A body that fails ends the request's context too, and what came of it is
	// to be stored all the same. The import ends with its body.
	told.Summary, err = importer.Import(context.WithoutCancel(r.Context()), s.store, r.Body, o)
	if err != nil {
		return s.stopped(r, told, err)
	}
	return s.writeJSON(w, http.StatusOK, told)
}

func (t *summary) leaveOut(e *importer.LineError) error {
	if len(t.Errors) < maxRefused {
		t.Errors = append(t.Errors, refused{e.Number, plain(e.Err)})
	}
	return nil
}

// stopped is the problem of an import that did not come to its end: that of its
// cause, with how far it came.
func (s *service) stopped(r *http.Request, told summary, err error) error {
	line, ofLine := errors.AsType[*importer.LineError](err)
	p, ok := errors.AsType[*problem](err) // of who may not do what the line says
	switch {
	case ok:
	case ofLine:
		p = invalid.problem("%s", plain(line))
	case errors.Is(err, importer.ErrTooMany):
		p = tooLarge.problem("%s", err)
		p.Limit = int64(s.o.ImportMemory)
	default:
		p = s.problemOf(r.Context(), bodyError(err))
	}
	if ofLine {
		p.Line = line.Number
	}
	p.Import = &told
	return p
}
