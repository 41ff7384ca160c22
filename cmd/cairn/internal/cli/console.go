package cli

import (
	"encoding/json"
	"io"
	"os"

	"golang.org/x/term"
)

// A console is where a command reads and writes, and what it is like there.
type console struct {
	in       io.Reader
	out, err io.Writer

	outTerminal bool
	errTerminal bool
	colour      bool // of out and err, if they are terminals
	width       int  // of out, in columns; 0 if it is no terminal
	errWidth    int  // of err, likewise
}

func newConsole(in io.Reader, out, err io.Writer) *console {
	c := &console{in: in, out: out, err: err, colour: os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}
	c.width, c.outTerminal = terminal(out)
	c.errWidth, c.errTerminal = terminal(err)
	return c
}

// terminal reports whether w is a terminal and how wide.
func terminal(w io.Writer) (width int, ok bool) {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width < 20 {
		width = 80
	}
	return width, true
}

// printJSON prints a value as one line of JSON.
func (c *console) printJSON(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return c.writeJSON(append(b, '\n'))
}

// writeJSON writes lines of JSON, made harmless if somebody looks at them.
func (c *console) writeJSON(lines []byte) error {
	if c.outTerminal {
		lines = harmlessJSON(lines)
	}
	_, err := c.out.Write(lines)
	return err
}

func (c *console) paint(on bool, code, s string) string {
	if !on || !c.colour || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (c *console) red(s string) string { return c.paint(c.errTerminal, "31", s) }
func (c *console) dim(s string) string { return c.paint(c.errTerminal, "2", s) }
