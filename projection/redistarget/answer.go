package redistarget

import (
	"errors"
	"fmt"
)

// An answer is what the scripts say: what has become of it, which command is meant,
// and a text about it.
type answer struct {
	what  string // "done", "moved", "published", "failed", "torn"
	index int64  // of the command, from 1
	texts []string
}

func answerOf(words []any, err error) (a answer, _ error) {
	if err != nil || len(words) < 3 {
		return a, errors.Join(err, fmt.Errorf("redistarget: the script answered %v", words))
	}
	a.what, _ = words[0].(string)
	a.index, _ = words[1].(int64)
	for _, w := range words[2:] {
		s, _ := w.(string)
		a.texts = append(a.texts, s)
	}
	return a, nil
}

// err is the error that the answer means, if it does not mean that all is done.
func (a answer) err(commands [][]any) error {
	switch a.what {
	case "done":
		return nil
	case "moved":
		return moved(a.texts[0])
	case "published":
		return fmt.Errorf("%w: %q", ErrPublished, a.texts[0])
	}
	failed := &CommandError{Err: serverError(a.texts[0])}
	if a.index > 0 && a.index <= int64(len(commands)) {
		failed.Command = begin(commands[a.index-1])
	}
	if a.what == "torn" {
		return &TornError{Command: failed, Undo: serverError(a.texts[len(a.texts)-1])}
	}
	return failed
}

// begin is the beginning of a command, for people: its name and its first argument,
// which is its key in most.
func begin(words []any) string {
	s := fmt.Sprint(words[:min(2, len(words))]...)
	if len(words) > 1 {
		s = fmt.Sprintf("%v %.100v", words[0], words[1])
	}
	return s
}
