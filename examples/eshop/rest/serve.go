package rest

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
)

// MaxBody is how many bytes the body of a request has at most.
const MaxBody = 64 << 10

// A HandlerFunc answers a request with a value, which becomes JSON, or with an
// error. A nil value is an answer without content.
type HandlerFunc func(w http.ResponseWriter, r *http.Request) (any, error)

// Created is the answer of a request that has made something: status 201.
type Created struct{ Value any }

// Handle makes an http.Handler of it. An error that is no [*Problem] is logged,
// and the one who asked learns no more than that there was one.
func Handle(log *slog.Logger, do HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, err := do(w, r)
		switch {
		case err != nil:
			refuse(w, r, log, err)
		case v == nil:
			w.WriteHeader(http.StatusNoContent)
		default:
			status := http.StatusOK
			if made, ok := v.(Created); ok {
				status, v = http.StatusCreated, made.Value
			}
			answer(w, status, v)
		}
	})
}

func refuse(w http.ResponseWriter, r *http.Request, log *slog.Logger, err error) {
	p, ok := errors.AsType[*Problem](err)
	if !ok {
		if r.Context().Err() == nil { // otherwise nobody is there any more
			log.Error("a request failed", "method", r.Method, "path", r.URL.Path, "err", err)
		}
		p = &Problem{Status: http.StatusInternalServerError, Message: "something went wrong here; try again"}
	}
	answer(w, p.Status, p)
}

func answer(w http.ResponseWriter, status int, v any) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v) // an error means that the client has gone
}

// Body reads the body of a request: one JSON value of [MaxBody] bytes at most, with
// fields that T knows.
func Body[T any](w http.ResponseWriter, r *http.Request) (v T, err error) {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, MaxBody))
	d.DisallowUnknownFields()
	err = d.Decode(&v)
	if err == nil {
		if _, more := d.Token(); more != io.EOF {
			err = errors.New("something follows the value")
		}
	}
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return v, &Problem{Status: http.StatusRequestEntityTooLarge, Field: "body", Message: "has more than 65536 bytes", Limit: MaxBody}
	}
	if err != nil {
		return v, Invalid("body", "is not the JSON that is expected: %v", err)
	}
	return v, nil
}
