package ui

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

func (u *ui) logPages() []page {
	return []page{{"GET /operations/logs", u.logs}, {"GET /operations/logs/live", u.logsLive}}
}

// A logLine is a line of the log as a page shows it.
type logLine struct {
	Text  string
	Level slog.Level
	Fresh bool
}

// Health is the class of a line that says more than that all is well.
func (l logLine) Health() string {
	switch {
	case l.Level >= slog.LevelError:
		return "bad"
	case l.Level >= slog.LevelWarn:
		return "warn"
	case l.Level < slog.LevelInfo:
		return "faint"
	}
	return ""
}

// lineOfLog reads a line, in either of the formats that slog writes: the level
// stands before anything that a caller can have had a say in.
func lineOfLog(text string) logLine {
	l := logLine{Text: strings.ToValidUTF8(strings.TrimRight(text, "\r\n"), "\ufffd")}
	for _, mark := range []string{"level=", `"level":"`} {
		if _, rest, ok := strings.Cut(l.Text[:min(len(l.Text), 100)], mark); ok {
			name := rest[:len(rest)-len(strings.TrimLeft(rest, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))]
			_ = l.Level.UnmarshalText([]byte(name)) // what is no level says nothing
			break
		}
	}
	return l
}

// A logFilter says which lines are wanted.
type logFilter struct {
	Q     string // what they hold, in either case
	Level string // the least; empty for all
	least slog.Level
}

// logLevels are those to choose from.
var logLevels = []string{"info", "warn", "error"}

func logFilterOf(r *http.Request) (logFilter, error) {
	f := logFilter{Q: r.FormValue("q"), Level: r.FormValue("level"), least: slog.LevelDebug}
	if len(f.Q) > maxFilter {
		return f, wrong("q", "has %d bytes; the limit is %d", len(f.Q), maxFilter)
	}
	if f.Level != "" && f.least.UnmarshalText([]byte(f.Level)) != nil {
		return f, wrong("level", "%.40q is none of %s", f.Level, strings.Join(logLevels, ", "))
	}
	return f, nil
}

// maxFilter is how many bytes a text to look for may have.
const maxFilter = 200

// of are the lines that are wanted.
func (f logFilter) of(texts []string) (lines []logLine) {
	q := strings.ToLower(f.Q)
	for _, text := range texts {
		l := lineOfLog(text)
		if l.Level >= f.least && strings.Contains(strings.ToLower(l.Text), q) {
			lines = append(lines, l)
		}
	}
	return lines
}

// A logsPage is what the page of the log shows.
type logsPage struct {
	logFilter
	Levels []string
	Lines  []logLine
	Kept   int
	Wrote  uint64 // lines so far, those that are not kept among them
	Most   int
	Live   string // where those to come are sent
}

func (u *ui) logs(w http.ResponseWriter, r *http.Request) error {
	f, err := u.logRequest(r)
	if err != nil {
		return err
	}
	all, wrote := u.o.Logs.Latest()
	live := url.Values{"after": {strconv.FormatUint(wrote, 10)}, "q": {f.Q}, "level": {f.Level}}
	return u.operated(w, r, http.StatusOK, "logs", "logs", logsPage{
		logFilter: f, Levels: logLevels, Lines: f.of(all), Kept: len(all), Wrote: wrote, Most: maxLines,
		Live: pagePath("/operations/logs") + "/live?" + live.Encode(),
	})
}

func (u *ui) logRequest(r *http.Request) (logFilter, error) {
	if u.o.Logs == nil {
		return logFilter{}, notOffered("log")
	}
	return logFilterOf(r)
}

// logPause is how long lines are gathered before they are sent.
const logPause = 200 * time.Millisecond

// logsLive sends the lines that come after so many, and tells the browser how far
// it is, for when it has to connect again.
func (u *ui) logsLive(w http.ResponseWriter, r *http.Request) error {
	f, err := u.logRequest(r)
	if err != nil {
		return err
	}
	first, err := position("after", r.FormValue("after"))
	if err != nil {
		return err
	}
	after := uint64(first)
	if n, err := strconv.ParseUint(r.Header.Get("Last-Event-ID"), 10, 64); err == nil {
		after = n
	}
	return u.live(w, r, func(ctx context.Context, to *feed) error {
		for {
			lines, wrote, more := u.o.Logs.since(after)
			if err := u.sendLines(to, f.of(lines), wrote); err != nil {
				return err
			}
			after = wrote
			select {
			case <-more:
			case <-ctx.Done():
				return nil
			}
			pause(ctx, logPause)
		}
	})
}

func (u *ui) sendLines(to *feed, lines []logLine, wrote uint64) error {
	if len(lines) == 0 {
		return nil
	}
	for i := range lines {
		lines[i].Fresh = true
	}
	html, err := u.text("logs", "loglines", lines)
	if err != nil {
		return err
	}
	if err := to.mark(strconv.FormatUint(wrote, 10)); err != nil {
		return err
	}
	return to.send("lines", html)
}

// pause waits, unless ctx ends.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// A logCount is how many of the latest lines are worth a look.
type logCount struct{ Errors, Warnings, Kept int }

func countLog(l *Logs) (c logCount) {
	all, _ := l.Latest()
	c.Kept = len(all)
	for _, text := range all {
		switch level := lineOfLog(text).Level; {
		case level >= slog.LevelError:
			c.Errors++
		case level >= slog.LevelWarn:
			c.Warnings++
		}
	}
	return c
}
