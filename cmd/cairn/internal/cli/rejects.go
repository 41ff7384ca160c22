package cli

import (
	"bufio"
	"errors"
	"fmt"
	"os"

	"github.com/cairndb/cairn/internal/importer"
)

// listed is how many broken lines are listed one by one.
const listed = 20

// rejects are the lines that an import leaves out.
type rejects struct {
	c     *console
	file  *os.File // nil if they are not kept
	out   *bufio.Writer
	count int
}

func newRejects(c *console, path string) (*rejects, error) {
	r := &rejects{c: c}
	if path == "" {
		return r, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	r.file, r.out = f, bufio.NewWriter(f)
	return r, nil
}

// add lists a line and keeps it.
func (r *rejects) add(e *importer.LineError) error {
	if r.count++; r.count <= listed {
		start := ""
		if r.c.errTerminal {
			start = "\r\x1b[K" // the progress bar
		}
		fmt.Fprintln(r.c.err, start+printable(e.Error()))
	}
	if r.file == nil || e.Text == nil {
		return nil
	}
	_, err := r.out.Write(append(e.Text, '\n'))
	return err
}

// summarise says how many were not listed.
func (r *rejects) summarise() {
	if more := r.count - listed; more > 0 {
		fmt.Fprintf(r.c.err, "and %s\n", counted(more, "broken line more", "broken lines more"))
	}
}

func (r *rejects) close() error {
	if r.file == nil {
		return nil
	}
	return errors.Join(r.out.Flush(), r.file.Close())
}
