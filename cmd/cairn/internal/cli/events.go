package cli

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/ndjson"
)

// lookAhead is how many events are looked at to find the widths of columns.
const lookAhead = 200

// events prints events: as lines of JSON or as columns.
type events struct {
	c     *console
	json  bool
	table *table
	log   bool // whether the events are of the log, and not of one stream
	out   *bufio.Writer
	line  []byte
}

func newEvents(c *console, g *globals, log bool) *events {
	columns := []column{{title: "REVISION", right: true}, {title: "POSITION", right: true}, {title: "TIME (UTC)"},
		{title: "TYPE", most: 24}, {title: "DATA", rest: true}}
	if log {
		columns = []column{{title: "POSITION", right: true}, {title: "TIME (UTC)"},
			{title: "STREAM@REVISION", most: 30, middle: true}, {title: "TYPE", most: 16}, {title: "DATA", rest: true}}
	}
	out := bufio.NewWriterSize(c.out, 64<<10)
	return &events{c: c, json: g.json, table: newTable(c, out, columns...), log: log, out: out}
}

func (p *events) print(e *cairn.Recorded) error {
	if p.json {
		p.line = append(ndjson.AppendPlaced(p.line[:0], e), '\n')
		if p.c.outTerminal {
			p.line = harmlessJSON(p.line)
		}
		_, err := p.out.Write(p.line)
		return err
	}
	cells := []string{fmt.Sprint(e.Revision), fmt.Sprint(e.Position), stamp(e), printable(e.Type), p.data(e)}
	if p.log {
		place := printable(e.Stream) + "@" + fmt.Sprint(e.Revision)
		if e.Revision == cairn.TombstoneRevision {
			place = printable(e.Stream) + "@end"
		}
		cells = []string{fmt.Sprint(e.Position), stamp(e), place, printable(e.Type), p.data(e)}
	}
	return p.table.add(cells...)
}

func stamp(e *cairn.Recorded) string { return e.Time.UTC().Format("2006-01-02 15:04:05") }

// data is what the event says, on one line. On a terminal no more of it is
// prepared than can be seen.
func (p *events) data(e *cairn.Recorded) string {
	tags := ""
	if len(e.Tags) > 0 {
		tags = "  #" + printable(strings.Join(e.Tags, " #"))
	}
	if len(e.Data) == 0 {
		return strings.TrimSpace(tags)
	}
	var b bytes.Buffer
	if e.Format != cairn.JSON || !utf8.Valid(e.Data) || json.Compact(&b, e.Data) != nil {
		return summary(e) + tags
	}
	if limit := p.c.width * utf8.UTFMax; p.c.outTerminal && b.Len() > limit {
		return printable(strings.ToValidUTF8(b.String()[:limit], "…"))
	}
	return printable(b.String()) + tags
}

// summary tells what bytes that are no JSON look like.
func summary(e *cairn.Recorded) string {
	name, shown := e.Format.String(), e.Data[:min(len(e.Data), 16)]
	if e.Format == cairn.JSON {
		name = "not JSON"
	}
	more := ""
	if len(shown) < len(e.Data) {
		more = "…"
	}
	return fmt.Sprintf("(%s, %s) %s%s", name, counted(len(e.Data), "byte", "bytes"), hex.EncodeToString(shown), more)
}

// pause shows what is held back.
func (p *events) pause() { _ = p.flush() } // the next print fails too

func (p *events) flush() error {
	if err := p.table.flush(); err != nil {
		return err
	}
	return p.out.Flush()
}
