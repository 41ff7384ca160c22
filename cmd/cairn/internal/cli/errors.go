package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn"
	cairnclient "github.com/cairndb/cairn/client"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/group"
	"github.com/cairndb/cairn/saga"
)

// A hintedError is an error and what to do about it.
type hintedError struct {
	err  error
	hint string
}

func (e *hintedError) Error() string { return e.err.Error() }
func (e *hintedError) Unwrap() error { return e.err }

func hinted(err error, format string, args ...any) error {
	return &hintedError{err, fmt.Sprintf(format, args...)}
}

// A usageError is a command line that is wrong.
type usageError struct {
	err     error
	command string
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usage(cmd *cobra.Command, err error) error { return &usageError{err, cmd.CommandPath()} }

// fail prints an error and returns the exit status that belongs to it.
func (c *console) fail(ctx context.Context, err error) int {
	if ctx.Err() != nil && (errors.Is(err, context.Cause(ctx)) || errors.Is(err, ctx.Err())) {
		fmt.Fprintln(c.err, c.red("cairn: ")+"interrupted")
		if e, ok := errors.AsType[*hintedError](err); ok {
			fmt.Fprintln(c.err, c.dim("hint: ")+printable(e.hint))
		}
		return statusInterrupted
	}
	fmt.Fprintln(c.err, c.red("cairn: ")+printable(message(err)))
	if hint := hintFor(err); hint != "" {
		fmt.Fprintln(c.err, c.dim("hint: ")+printable(hint))
	}
	if _, ok := errors.AsType[*usageError](err); ok {
		return statusUsage
	}
	return statusFailed
}

// message is the error on one line, without the packages it came through and
// without the advice in it.
func message(err error) string {
	text := err.Error()
	if advice := adviceIn(err); advice != "" {
		text = strings.Replace(text, "; "+advice, "", 1)
	}
	for _, from := range []string{"cairn: ", "disk: ", "client: ", "group: ", "projection: ", "saga: ", "timer: "} {
		text = strings.TrimPrefix(text, from)
	}
	return strings.ReplaceAll(text, "\n", "; ")
}

// adviceIn is the part of an error's text that says what to do.
func adviceIn(err error) string {
	if e, ok := errors.AsType[*cairn.CorruptError](err); ok {
		return e.Hint
	}
	for _, advising := range []error{disk.ErrInUse, disk.ErrNotStore, disk.ErrFormat} {
		if errors.Is(err, advising) {
			_, advice, _ := strings.Cut(err.Error(), "; ")
			return advice
		}
	}
	return ""
}

// hintFor is what the operator can do.
func hintFor(err error) string {
	if e, ok := errors.AsType[*hintedError](err); ok {
		return e.hint
	}
	if e, ok := errors.AsType[*usageError](err); ok {
		return fmt.Sprintf("%s --help says what it takes", e.command)
	}
	if e, ok := errors.AsType[*cairn.ConflictError](err); ok {
		return conflictHint(e)
	}
	for _, h := range hints {
		if errors.Is(err, h.err) {
			return h.hint
		}
	}
	return adviceIn(err)
}

func conflictHint(e *cairn.ConflictError) string {
	switch {
	case e.Stream == "" || e.Actual < 0:
		return "nothing was stored"
	case e.Expected < 0:
		return fmt.Sprintf("nothing was stored; see what is there with: cairn read %s", quote(e.Stream))
	}
	return fmt.Sprintf("nothing was stored; see what is there with: cairn read %s --after %d", quote(e.Stream), e.Expected)
}

var hints = []struct {
	err  error
	hint string
}{
	{disk.ErrInUse, "one process at a time has a store open; stop that one first"},
	{disk.ErrNotStore, "name the store with --store or CAIRN_STORE; cairn append and cairn import make a new one in an empty directory"},
	{cairnclient.ErrUnavailable, "is the server running, and is this its URL? one that does not encrypt wants ?tls=false"},
	{errNoAnswer, "is the server running, and is this its URL? one that does not encrypt wants ?tls=false"},
	{cairnclient.ErrUnauthenticated, "give a user and password in the URL, as in cairn://ann:secret@host"},
	{cairnclient.ErrDenied, "nothing was done; another user may be allowed to, or ask who administers the server"},
	{group.ErrUnknown, "see what there is with: cairn group list, and cairn group parked NAME"},
	{saga.ErrUnknown, "see what there is with: cairn saga list"},
	{group.ErrInUse, "stop them first; with --force it is deleted all the same, and they end"},
	{cairn.ErrNoSpace, "nothing was stored; make room and try again"},
	{cairn.ErrFailed, "look after the disk, then try again"},
	{cairn.ErrUnknownOutcome, "try again with the same --id or --key: what was stored is not stored twice"},
	{cairn.ErrReadOnly, "the store can be read, not written"},
	{cairn.ErrStreamDeleted, "a stream that is closed for good cannot be read or written; cairn read '$all' --stream NAME shows what is left of it"},
	{cairn.ErrInvalid, "nothing was stored"},
	{fs.ErrPermission, "check who may read and write the file or directory"},
}

// quote makes a word that the shell leaves alone.
func quote(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:@+,", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
