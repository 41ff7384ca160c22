package tour

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/cairndb/cairn"
)

// width is how many columns a line may have.
const width = 100

// A stage is where the story is told. The first error of its writer stays.
type stage struct {
	w      io.Writer
	styled bool
	steps  int
	err    error
}

func (s *stage) printf(format string, args ...any) {
	if s.err == nil {
		_, s.err = fmt.Fprintf(s.w, format, args...)
	}
}

// style puts text between two escape sequences, on a terminal.
func (s *stage) style(code, text string) string {
	if !s.styled {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// heading begins a step.
func (s *stage) heading(title string) {
	s.steps++
	title = fmt.Sprintf("%d. %s", s.steps, title)
	s.printf("\n%s\n", s.style("1", title))
}

// say explains, in lines that fit.
func (s *stage) say(format string, args ...any) {
	for _, line := range wrap(fmt.Sprintf(format, args...), width-3) {
		s.printf("   %s\n", line)
	}
}

// does shows what is asked of the bank.
func (s *stage) does(format string, args ...any) {
	s.printf("   %s %s\n", s.style("36", ">"), s.style("36", fmt.Sprintf(format, args...)))
}

// answer shows what the bank says.
func (s *stage) answer(format string, args ...any) {
	lines := wrap(fmt.Sprintf(format, args...), width-5)
	s.printf("   = %s\n", strings.Join(lines, "\n     "))
}

// events shows stored events, as they were read back. Data that does not fit
// beside the rest stands below it.
func (s *stage) events(all []cairn.Recorded) {
	s.printf("   %s\n", s.style("2", fmt.Sprintf("%8s  %-18s  %3s  %-25s  %s", "position", "stream", "rev", "type", "data")))
	for _, r := range all {
		line := fmt.Sprintf("   %8d  %-18s  %3d  %-25s  ", r.Position, r.Stream, r.Revision, r.Type)
		if len(line)+len(r.Data) > width {
			s.printf("%s\n", strings.TrimRight(line, " "))
			line = strings.Repeat(" ", 11)
		}
		s.printf("%s\n", shorten(line+string(r.Data), width))
	}
}

// shorten cuts what does not fit in n columns.
func shorten(line string, n int) string {
	if runes := []rune(line); len(runes) > n {
		return string(runes[:n-1]) + "…"
	}
	return line
}

// wrap breaks text at spaces into lines of n columns, if words are no longer.
func wrap(text string, n int) (lines []string) {
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(line)+1+len(word) > n {
			lines = append(lines, line)
			line = ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return append(lines, cmp.Or(line, ""))
}
