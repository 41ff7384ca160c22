package rest

import (
	"net/http"

	"github.com/cairndb/cairn"
)

// A batchAnswer is a [cairn.BatchReceipt].
type batchAnswer struct {
	Position  cairn.Position `json:"position"`
	Revisions []standing     `json:"revisions"`
	Duplicate bool           `json:"duplicate"`
}

// commitBatch is POST /batches.
func (s *service) commitBatch(w http.ResponseWriter, r *http.Request) error {
	if err := s.access.CheckRole(r.Context()); err != nil {
		return err // before the work of reading
	}
	if q := query(r); q.err != nil {
		return q.err
	}
	if _, err := contentType(r, jsonType); err != nil {
		return err
	}
	text, err := s.readBody(w, r)
	if err != nil {
		return err
	}
	b, err := decodeBatch(text)
	if err != nil {
		return err
	}
	if err := s.key(r, &b); err != nil {
		return err
	}
	if err := b.Validate(); err != nil {
		return err
	}
	if err := s.mayCommit(r.Context(), &b); err != nil {
		return err
	}
	receipt, err := s.store.Commit(r.Context(), b)
	if err != nil {
		return err
	}
	answer := batchAnswer{Position: receipt.Position, Revisions: []standing{}, Duplicate: receipt.Duplicate}
	for _, at := range receipt.Revisions {
		answer.Revisions = append(answer.Revisions, standing(at))
	}
	return s.writeJSON(w, created(receipt), answer)
}

// created is the status of a write: 200 if it stored nothing that is new.
func created(r cairn.BatchReceipt) int {
	if r.Duplicate || r.Position == 0 {
		return http.StatusOK
	}
	return http.StatusCreated
}
