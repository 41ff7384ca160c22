package rest

import (
	"errors"
	"fmt"
	"net/http"
	"unicode/utf8"
)

// A Problem is a refusal that the one who asked can do something about. It is
// the body of the answer, and the error that [Client.Do] returns.
type Problem struct {
	Status  int    `json:"-"`
	Field   string `json:"field,omitempty"` // what is wrong, such as "lines[2].quantity"
	Message string `json:"error"`
	Limit   int64  `json:"limit,omitempty"` // what it is over; zero if it is no limit
}

// Error names the field and the problem.
func (p *Problem) Error() string {
	if p.Field == "" {
		return p.Message
	}
	return p.Field + " " + p.Message
}

// Invalid is the refusal of a field.
func Invalid(field, format string, a ...any) *Problem {
	return &Problem{Status: http.StatusBadRequest, Field: field, Message: fmt.Sprintf(format, a...)}
}

// NotFound says that there is no such thing.
func NotFound(what string) *Problem {
	return &Problem{Status: http.StatusNotFound, Message: "there is no " + what}
}

// StatusOf is the status of an error: that of its Problem, 500 for any other, and
// 200 for none.
func StatusOf(err error) int {
	if err == nil {
		return http.StatusOK
	}
	if p, ok := errors.AsType[*Problem](err); ok {
		return p.Status
	}
	return http.StatusInternalServerError
}

// Text checks a field that people write: valid, from least to most characters.
func Text(field, s string, least, most int) error {
	switch n := utf8.RuneCountInString(s); {
	case !utf8.ValidString(s):
		return Invalid(field, "is not valid UTF-8")
	case n < least && n == 0:
		return Invalid(field, "must not be empty")
	case n < least:
		return Invalid(field, "must have %d characters or more", least)
	case n > most:
		p := Invalid(field, "has %d characters, and at most %d are allowed", n, most)
		p.Limit = int64(most)
		return p
	}
	for _, r := range s {
		if r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0x7f {
			return Invalid(field, "has a control character")
		}
	}
	return nil
}

// Between checks a number.
func Between(field string, n, least, most int64) error {
	switch {
	case n < least:
		return Invalid(field, "is %d, and must be %d or more", n, least)
	case n > most:
		p := Invalid(field, "is %d, and must be %d or less", n, most)
		p.Limit = most
		return p
	}
	return nil
}

// Name checks what stands for something in URLs and in names of streams: letters,
// digits, hyphens and underscores, at most so many.
func Name(field, s string, most int) error {
	if err := Text(field, s, 1, most); err != nil {
		return err
	}
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' {
			return Invalid(field, "may have letters, digits, hyphens and underscores only")
		}
	}
	return nil
}
