package torture

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
)

// An ack is what a store has answered to a task. It is written down outside of
// the store before the worker goes on, so a store that forgets is found out.
type ack struct {
	task

	place
	Change bool `json:"change,omitempty"`

	// Refused says why the bank did not do it; nothing was stored.
	Refused string `json:"refused,omitempty"`
}

// ackPath is the file of the answers given in a turn.
func ackPath(dir string, turn uint32) string {
	return filepath.Join(dir, fmt.Sprintf("turn-%05d.ndjson", turn))
}

// An ackFile is where the workers of a turn write answers. Each line goes to the
// operating system in one write, so what is written outlives the process; the
// machine is not what is being crashed.
type ackFile struct{ file *os.File }

func createAcks(dir string, turn uint32) (ackFile, error) {
	f, err := os.OpenFile(ackPath(dir, turn), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	return ackFile{f}, err
}

func (f ackFile) write(a ack) error {
	line, err := json.Marshal(a)
	if err == nil {
		_, err = f.file.Write(append(line, '\n'))
	}
	return err
}

func (f ackFile) Close() error { return f.file.Close() }

// readAcks reads the answers of a turn. There are none if it was killed too
// early. A last line that was cut off by the kill is no answer.
func readAcks(dir string, turn uint32) iter.Seq2[ack, error] {
	return func(yield func(ack, error) bool) {
		f, err := os.Open(ackPath(dir, turn))
		if errors.Is(err, fs.ErrNotExist) {
			return
		}
		if err != nil {
			yield(ack{}, err)
			return
		}
		defer f.Close()
		readLines(f, yield)
	}
}

func readLines(f *os.File, yield func(ack, error) bool) {
	for r := bufio.NewReader(f); ; {
		line, err := r.ReadBytes('\n')
		if err != nil {
			return // the end, or a line without one
		}
		var a ack
		if err := json.Unmarshal(line, &a); err != nil {
			yield(ack{}, fmt.Errorf("%s: %w", f.Name(), err))
			return
		}
		if !yield(a, nil) {
			return
		}
	}
}
