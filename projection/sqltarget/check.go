package sqltarget

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
)

// The limits of entries.
const (
	maxKey   = 255
	maxValue = 64 << 10
)

const (
	keyLetters   = "abcdefghijklmnopqrstuvwxyz0123456789/-_."
	tableLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
)

// Check refuses a change that cannot be kept, with a *cairn.InvalidError.
func Check(c projection.Change) error {
	for i, e := range c.Expect {
		if err := checkEntry(fmt.Sprintf("change.expect[%d]", i), e); err != nil {
			return err
		}
	}
	for i, e := range c.Put {
		if err := checkEntry(fmt.Sprintf("change.put[%d]", i), e); err != nil {
			return err
		}
	}
	return nil
}

func checkEntry(field string, e projection.Entry) error {
	switch {
	case e.Key == "":
		return &cairn.InvalidError{Field: field + ".key", Problem: "must not be empty"}
	case len(e.Key) > maxKey:
		return &cairn.InvalidError{Field: field + ".key", Problem: fmt.Sprintf("has %d characters and must have %d at most", len(e.Key), maxKey), Limit: maxKey}
	case strings.Trim(e.Key, keyLetters) != "":
		return &cairn.InvalidError{Field: field + ".key", Problem: fmt.Sprintf("%q must be made of a to z, 0 to 9, / - _ and .", e.Key)}
	case len(e.Value) > maxValue:
		return &cairn.InvalidError{Field: field + ".value", Problem: fmt.Sprintf("has %d bytes and must have %d at most", len(e.Value), maxValue), Limit: maxValue}
	case !utf8.ValidString(e.Value) || strings.ContainsRune(e.Value, 0):
		return &cairn.InvalidError{Field: field + ".value", Problem: "must be text in UTF-8 without NUL"}
	}
	return nil
}

// checkTables refuses names of tables that would have to be guessed at: they are
// put into statements between quotes, to the letter.
func checkTables(tables []string, n projection.Names, limit int) error {
	if len(tables) > 0 && n.Build <= 0 {
		return &cairn.InvalidError{Field: "build", Problem: "must be the number of a build, 1 or more: plain names cannot be published"}
	}
	for i, table := range tables {
		field := fmt.Sprintf("tables[%d]", i)
		switch {
		case table == "" || strings.Trim(table, tableLetters) != "":
			return &cairn.InvalidError{Field: field, Problem: fmt.Sprintf("%q must be made of letters, digits, _ and -", table)}
		case len(n.Name(table)) > limit:
			return &cairn.InvalidError{
				Field: field, Limit: int64(limit),
				Problem: fmt.Sprintf("%q is %q in build %d, which is longer than the %d bytes that the database allows", table, n.Name(table), n.Build, limit),
			}
		}
	}
	return nil
}
