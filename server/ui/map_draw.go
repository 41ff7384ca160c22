package ui

import (
	"cmp"
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strings"

	"github.com/cairndb/cairn/server/ui/internal/landscape"
)

// A drawnMap is the map as shapes, and the same in tables.
type drawnMap struct {
	Width, Height int
	Columns       []mapColumn
	LaneX         int // of the names of lanes: where no box stands that is in none
	Bands         []mapBand
	Boxes         []mapBox
	Ways          []mapWay
	LeftOut       string

	Rated    bool
	Services int
	Actors   []*actor
	Types    []typeRow
	Topics   []*topic
}

type mapColumn struct {
	Name string
	X    int
}

type mapBand struct {
	landscape.Band
	Odd bool
}

type mapBox struct {
	landscape.Box
	Number int
	Path   string
	Class  string
	Title  string // all that it says
	Badge  string // "good", "warn" or "bad", where that is known
	Lines  []mapLine
}

type mapLine struct {
	Text, Right string
	Class       string
	Y           int
}

type mapWay struct {
	landscape.Curve
	From, To int
	Class    string
	Moves    bool // something comes along
}

// drawnAlready is a part of a page that a template of this package has made.
func drawnAlready(html []byte) template.HTML { return template.HTML(html) }

func drawMap(s *system) *drawnMap {
	c := chartOf(s)
	places := c.ordered()
	g, numbers := landscape.Graph{}, map[string]int{}
	lines := make([][]mapLine, len(places))
	for i, p := range places {
		lines[i] = p.lines()
		p.Lines = len(lines[i])
		g.Nodes, numbers[p.key] = append(g.Nodes, p.Node), i
	}
	for _, w := range c.ways {
		g.Edges = append(g.Edges, landscape.Edge{From: numbers[w.from], To: numbers[w.to]})
	}
	plan := landscape.Place(&g)
	d := &drawnMap{Width: plan.Width, Height: plan.Height, Rated: s.Rated, Actors: s.Actors, LeftOut: strings.Join(s.LeftOut, ", ")}
	d.frame(&plan)
	for i, p := range places {
		box := mapBox{Box: plan.Boxes[i], Number: i, Path: p.path(), Class: p.class(), Title: p.title(), Lines: lines[i]}
		if p.actor != nil {
			box.Badge = p.actor.Health
		}
		d.Boxes = append(d.Boxes, box)
	}
	for i, w := range c.ways {
		d.Ways = append(d.Ways, mapWay{plan.Curves[i], numbers[w.from], numbers[w.to], w.kind + " " + breadth(w.rate), w.rate > 0})
	}
	d.tabulate(c)
	return d
}

// frame names columns and lanes.
func (d *drawnMap) frame(plan *landscape.Plan) {
	for _, c := range plan.Columns {
		d.Columns = append(d.Columns, mapColumn{columnNames[c.Number], c.X})
		if d.LaneX == 0 && c.Number != columnHeard {
			d.LaneX = c.X
		}
	}
	for i, b := range plan.Bands {
		switch b.Name {
		case "":
			b.Name = "without a service"
			if len(plan.Bands) == 1 || len(plan.Bands) == 2 && plan.Bands[1].Name == unheeded {
				b.Name = ""
			}
		case unheeded:
			b.Name = "nobody reacts to these"
		default:
			d.Services++
		}
		d.Bands = append(d.Bands, mapBand{b, i%2 == 1})
	}
}

// breadth is the class of a line by how much comes along it.
func breadth(rate float64) string {
	for i, least := range []float64{100, 10, 1} {
		if rate >= least {
			return fmt.Sprintf("w%d", 4-i)
		}
	}
	if rate > 0 {
		return "w1"
	}
	return "w0"
}

// path is of the page that tells more.
func (p *place) path() string {
	switch {
	case p.category != nil:
		return explored("category", p.category.Name)
	case p.actor != nil:
		return cmp.Or(p.actor.Path, "#parts")
	case p.model != nil:
		return p.model.Path
	case p.topic != nil && p.topic.Via == viaLog:
		return explored("category", p.topic.Name)
	case p.topic != nil:
		return "#topics"
	}
	return pagePath("/explore")
}

// explored is the path of a search for one thing.
func explored(field, value string) string {
	return pagePath("/explore") + "?" + url.Values{field: {value}}.Encode()
}

func (p *place) class() string {
	switch {
	case p.category != nil, p.every:
		return "happens"
	case p.topic != nil:
		return "topic"
	case p.model != nil:
		return "model"
	}
	return "actor"
}

func (p *place) title() string {
	switch {
	case p.category != nil:
		return fmt.Sprintf("category %s, %s events, %s", p.category.Name, grouped(p.category.Events), cmp.Or(pace(p.category.Rate), "quiet"))
	case p.topic != nil:
		return fmt.Sprintf("topic %s, via %s", p.topic.Name, cmp.Or(p.topic.Via, "an unknown broker"))
	case p.model != nil:
		return fmt.Sprintf("read model %s of %s", p.model.Model, p.model.Name)
	case p.actor != nil:
		return strings.TrimSpace(fmt.Sprintf("%s %s, %s, %s", p.actor.Kind, p.actor.Name, cmp.Or(p.actor.Says, "running"), p.actor.Service))
	}
	return "every event of the log"
}

// The texts of a box: what fits into one line, with and without a figure at the
// right.
const (
	fits      = 25
	fitsShort = 17
	fitsName  = 20 // a name, which is bold
	fitsActor = 19 // one with a dot beside it
)

// lines are what a box says.
func (p *place) lines() []mapLine {
	var lines []mapLine
	switch {
	case p.category != nil:
		lines = p.category.lines()
	case p.topic != nil:
		lines = []mapLine{{Text: middle(p.topic.Name, fitsShort+2), Right: pace(p.topic.Rate), Class: "name"}, {Text: "via " + cmp.Or(middle(p.topic.Via, fits), "?"), Class: "what"}}
	case p.model != nil:
		lines = []mapLine{{Text: middle(p.model.Model, fitsName), Class: "name"}, {Text: cmp.Or(middle(p.model.Target, fits), "read model"), Class: "what"}}
	case p.actor != nil:
		lines = p.actor.lines()
	default:
		lines = []mapLine{{Text: "every event", Class: "name"}}
	}
	for i := range lines {
		lines[i].Y = landscape.Padding + i*landscape.Line + 12
	}
	return lines
}

func (c *category) lines() []mapLine {
	lines := []mapLine{{Text: middle(c.Name, fitsShort), Right: pace(c.Rate), Class: "name"}}
	for i, t := range c.Types {
		if i == typesDrawn && len(c.Types) > typesDrawn+1 {
			return append(lines, mapLine{Text: fmt.Sprintf("and %d more", len(c.Types)-i), Class: "what"})
		}
		lines = append(lines, mapLine{Text: middle(t.Name, fitsShort+1), Right: pace(t.Rate), Class: "type"})
	}
	if len(c.Types) == 0 {
		lines = append(lines, mapLine{Text: "nothing yet", Class: "what"})
	}
	return lines
}

func (a *actor) lines() []mapLine {
	what := mapLine{Text: a.Kind, Right: pace(max(a.Rate, 0)), Class: "what"}
	if a.Via != "" {
		what.Text += " · " + a.Via
	}
	if a.Lag > 0 {
		what.Right = grouped(a.Lag) + " behind"
	}
	if a.Health == "bad" || a.Health == "warn" {
		what.Text, what.Class = a.Says, a.Health
	}
	what.Text = middle(what.Text, fits-len([]rune(what.Right)))
	return []mapLine{{Text: middle(a.Name, fitsActor), Class: "name"}, what}
}

// middle shortens a text in its middle, as both of its ends tell names apart.
func middle(s string, most int) string {
	runes := []rune(strings.ToValidUTF8(s, "\uFFFD"))
	if len(runes) <= most {
		return string(runes)
	}
	head := (most - 1) / 2
	return string(runes[:head]) + "…" + string(runes[len(runes)-(most-1-head):])
}

// A typeRow is a type in the table.
type typeRow struct {
	*eventType
	WrittenBy []*actor
	ReadBy    []*actor
	LeadsTo   []string
}

// leadsShown is how many types are named that a type leads to.
const leadsShown = 4

// tabulate says the same as the picture.
func (d *drawnMap) tabulate(c *chart) {
	for _, t := range c.s.Types {
		row := typeRow{eventType: t, LeadsTo: c.s.Leads[t.Name]}
		row.LeadsTo = row.LeadsTo[:min(len(row.LeadsTo), leadsShown)]
		for _, a := range c.s.Actors {
			if t.Category != "" && (slices.Contains(a.Writes, t.Category) || slices.Contains(a.Tells, t.Category) && a.Via == viaLog) {
				row.WrittenBy = append(row.WrittenBy, a)
			}
			if a.Reads && a.selects(t) {
				row.ReadBy = append(row.ReadBy, a)
			}
		}
		d.Types = append(d.Types, row)
	}
	slices.SortStableFunc(d.Types, func(a, b typeRow) int {
		return cmp.Or(cmp.Compare(a.Category, b.Category), cmp.Compare(a.Name, b.Name))
	})
	for _, t := range c.topics {
		d.Topics = append(d.Topics, t)
	}
	slices.SortFunc(d.Topics, func(a, b *topic) int { return cmp.Compare(a.Name, b.Name) })
}

// selects reports whether an actor reads a type, as far as types and categories say.
func (a *actor) selects(t *eventType) bool {
	if a.Query == nil {
		return true
	}
	for i := range a.Query {
		f := &a.Query[i]
		categories := categoriesOf(f)
		if f.Types == nil && categories == nil && f.Tags != nil {
			continue // nobody knows what carries them
		}
		if (f.Types == nil || slices.Contains(f.Types, t.Name)) && (categories == nil || slices.Contains(categories, t.Category)) {
			return true
		}
	}
	return false
}

// Pace is the rate as text.
func (t *tally) Pace() string { return pace(t.Rate) }

// Pace is the rate as text; none if nobody knows it.
func (a *actor) Pace() string { return pace(a.Rate) }
