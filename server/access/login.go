package access

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/cairndb/cairn"
)

// The limits of what describes a user, in bytes.
const (
	MaxLogin    = 128
	MaxPassword = 1024
	MaxFullName = 512
	MaxGroup    = 128
	MaxGroups   = 64 // groups of a user
)

// validateLogin refuses what could not be sent as part of a header, and what
// could be taken for a group of the system.
func validateLogin(login string) error {
	switch {
	case strings.HasPrefix(login, "$"):
		return invalid("login", "%.40q begins with \"$\", as the names of the system's groups do", login)
	case strings.Contains(login, ":"):
		return invalid("login", "%.40q holds a \":\", which would end it where it is sent with a password", login)
	}
	return plain("login", login, MaxLogin)
}

func validatePassword(field, password string) error {
	switch {
	case password == "":
		return invalid(field, "must not be empty")
	case len(password) > MaxPassword:
		return tooLong(field, len(password), MaxPassword)
	case !utf8.ValidString(password):
		return invalid(field, "is not valid UTF-8")
	}
	return nil
}

func validateDescription(fullName string, groups []string) error {
	if len(fullName) > MaxFullName {
		return tooLong("full name", len(fullName), MaxFullName)
	}
	if !utf8.ValidString(fullName) {
		return invalid("full name", "is not valid UTF-8")
	}
	if len(groups) > MaxGroups {
		return &cairn.InvalidError{Field: "groups", Problem: fmt.Sprintf("%d; the limit is %d", len(groups), MaxGroups), Limit: MaxGroups}
	}
	for i, g := range groups {
		if err := plain(fmt.Sprintf("groups[%d]", i), g, MaxGroup); err != nil {
			return err
		}
		if g == Everyone {
			return invalid(fmt.Sprintf("groups[%d]", i), "%q is everybody and has no members", g)
		}
	}
	return nil
}

// plain checks a name that people type and programs send in headers.
func plain(field, s string, limit int) error {
	switch {
	case s == "":
		return invalid(field, "must not be empty")
	case len(s) > limit:
		return tooLong(field, len(s), limit)
	case !utf8.ValidString(s):
		return invalid(field, "%.40q is not valid UTF-8", s)
	case strings.TrimSpace(s) != s:
		return invalid(field, "%.40q begins or ends with a space", s)
	case slices.ContainsFunc([]rune(s), unicode.IsControl):
		return invalid(field, "%.40q holds a control character", s)
	}
	return nil
}

func tooLong(field string, n, limit int) error {
	return &cairn.InvalidError{Field: field, Problem: fmt.Sprintf("%d bytes long; the limit is %d", n, limit), Limit: int64(limit)}
}

func invalid(field, format string, args ...any) error {
	return &cairn.InvalidError{Field: field, Problem: fmt.Sprintf(format, args...)}
}
