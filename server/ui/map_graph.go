package ui

import (
	"cmp"
	"slices"

	"github.com/cairndb/cairn/server/ui/internal/landscape"
)

// The columns of the map, in the order in which events pass them.
const (
	columnHeard   = iota // topics from which something arrives
	columnHears          // who receives it
	columnHappens        // what happens: categories with their types
	columnReacts         // who reacts to that
	columnComes          // what comes of it: topics and read models
)

var columnNames = []string{"Arrives", "Received by", "What happens", "Who reacts", "What comes of it"}

// unheeded is the lane of categories that nobody writes, as far as is known, and
// to which nobody reacts; its name cannot be that of a service.
const unheeded = "\x00"

// A place is a box of the map: what it is about, and where it is to be.
type place struct {
	landscape.Node
	key string

	// One of these is set.
	category *category
	actor    *actor
	topic    *topic
	model    *actor // the projection that makes it
	every    bool   // it stands for all events
}

// A topic is one of a broker.
type topic struct {
	tally // known only if the broker is the log
	Via   string
	Known bool // there is a tally

	Types   []string // what is published to it, as its publishers say
	ToldBy  []*actor
	HeardBy []*actor
}

// A way leads from a place to another one.
type way struct {
	from, to string // keys
	kind     string // "reads", "hears", "writes", "tells" or "keeps"
	rate     float64
}

// A chart is the system as places and ways between them.
type chart struct {
	s      *system
	topics map[string]*topic
	lanes  map[string]string // of categories
	places map[string]*place
	ways   []way
}

func chartOf(s *system) *chart {
	c := &chart{s: s, topics: map[string]*topic{}, lanes: map[string]string{}, places: map[string]*place{}}
	c.findTopics()
	c.findLanes()
	for _, category := range s.Categories {
		if c.topics[category.Name] == nil {
			c.put(&place{key: "c:" + category.Name, category: category, Node: landscape.Node{Column: columnHappens}})
		}
	}
	for _, a := range s.Actors {
		c.connect(a)
	}
	c.settle()
	return c
}

func (c *chart) put(p *place) *place {
	if known := c.places[p.key]; known != nil {
		return known
	}
	c.places[p.key] = p
	return p
}

// findTopics collects what actors hear and tell, and who selects a topic of the log.
func (c *chart) findTopics() {
	left := map[string]bool{}
	get := func(name string, a *actor) *topic {
		if c.topics[name] == nil && len(c.topics) < mapTopics {
			c.topics[name] = &topic{tally: tally{Name: name}}
		}
		t := c.topics[name]
		if t == nil {
			left[name] = true
			return &topic{}
		}
		t.Via = cmp.Or(t.Via, a.Via)
		return t
	}
	for _, a := range c.s.Actors {
		for _, name := range a.Hears {
			t := get(name, a)
			t.HeardBy = append(t.HeardBy, a)
		}
		for _, name := range a.Tells {
			t := get(name, a)
			t.ToldBy = append(t.ToldBy, a)
		}
	}
	c.s.leaveOut(len(c.topics)+len(left), len(c.topics), "topics")
	for _, category := range c.s.Categories {
		if t := c.topics[category.Name]; t != nil && t.Via == viaLog {
			t.tally, t.Known = category.tally, c.s.Rated
			for _, kind := range category.Types {
				t.Types = append(t.Types, kind.Name)
			}
		}
	}
}

// viaLog is what a log calls itself as a broker: its topics are categories.
const viaLog = "log"

// findLanes says to which service categories belong: to who writes them, and else
// to whoever reacts to them.
func (c *chart) findLanes() {
	claim := func(a *actor, name string) {
		if _, claimed := c.lanes[name]; !claimed && a.Service != "" {
			c.lanes[name] = a.Service
		}
	}
	for _, a := range c.s.Actors {
		for _, name := range a.Writes {
			claim(a, name)
		}
	}
	for _, a := range c.s.Actors {
		for name := range c.s.shares(a.Query) {
			claim(a, name)
		}
	}
}

// connect draws an actor with all that it is about.
func (c *chart) connect(a *actor) {
	p := c.put(&place{key: "a:" + a.Kind + ":" + a.Name, actor: a, Node: landscape.Node{Column: columnReacts, Lane: a.Service}})
	heard := c.hear(a, p)
	if c.read(a, p) == 0 && heard > 0 {
		p.Column = columnHears
	}
	for _, name := range a.Writes {
		if c.topics[name] != nil {
			c.tell(a, p, name)
		} else if to := c.places["c:"+name]; to != nil {
			c.ways = append(c.ways, way{p.key, to.key, "writes", lesser(a.Rate, to.category.Rate)})
		}
	}
	for _, name := range a.Tells {
		c.tell(a, p, name)
	}
	if a.Model != "" {
		to := c.put(&place{key: "m:" + a.Name, model: a, Node: landscape.Node{Column: columnComes, Free: true}})
		c.ways = append(c.ways, way{p.key, to.key, "keeps", a.Rate})
	}
}

// hear draws what arrives at an actor, and how much of that there is.
func (c *chart) hear(a *actor, p *place) int {
	for _, name := range a.Hears {
		if t := c.topics[name]; t != nil {
			from := c.put(&place{key: "h:" + name, topic: t, Node: landscape.Node{Column: columnHeard, Free: true}})
			c.ways = append(c.ways, way{from.key, p.key, "hears", t.rate(a)})
		}
	}
	return len(a.Hears)
}

// rate is that of a topic if it is known, else that of who deals with it.
func (t *topic) rate(a *actor) float64 {
	if t.Known {
		return t.Rate
	}
	return a.Rate
}

// read draws what an actor selects, but for topics that it hears anyway, and
// returns how much of that there is.
func (c *chart) read(a *actor, p *place) (n int) {
	if !a.Reads {
		return 0
	}
	shares := c.s.shares(a.Query)
	if a.Query == nil {
		shares = map[string]float64{"": a.Rate}
	}
	for name, rate := range shares {
		switch from := c.places["c:"+name]; {
		case name == "":
			from = c.put(&place{key: "e:", every: true, Node: landscape.Node{Column: columnHappens}})
			c.ways = append(c.ways, way{from.key, p.key, "reads", rate})
			n++
		case from != nil:
			c.ways = append(c.ways, way{from.key, p.key, "reads", rate})
			if p.Lane == "" {
				p.Lane = c.lanes[name]
			}
			n++
		case c.topics[name] != nil && !slices.Contains(a.Hears, name):
			from = c.put(&place{key: "h:" + name, topic: c.topics[name], Node: landscape.Node{Column: columnHeard, Free: true}})
			c.ways = append(c.ways, way{from.key, p.key, "hears", rate})
		}
	}
	return n
}

func (c *chart) tell(a *actor, p *place, name string) {
	if t := c.topics[name]; t != nil {
		to := c.put(&place{key: "t:" + name, topic: t, Node: landscape.Node{Column: columnComes, Free: true}})
		rate := a.Rate
		if t.Known {
			rate = lesser(rate, t.Rate)
		}
		c.ways = append(c.ways, way{p.key, to.key, "tells", rate})
	}
}

// lesser is the lesser of two rates, of which one below zero is unknown.
func lesser(a, b float64) float64 {
	if a < 0 || b >= 0 && b < a {
		return b
	}
	return a
}

// settle puts categories into their lanes, and everything into an order that does
// not depend on how much happens.
func (c *chart) settle() {
	met := map[string]bool{}
	for _, w := range c.ways {
		met[w.from], met[w.to] = true, true
	}
	for _, p := range c.places {
		if p.category == nil {
			continue
		}
		if p.Lane = c.lanes[p.category.Name]; !met[p.key] {
			p.Lane = unheeded
		}
	}
	slices.SortFunc(c.ways, func(a, b way) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to), cmp.Compare(a.kind, b.kind))
	})
	c.ways = slices.CompactFunc(c.ways, func(a, b way) bool { return a.from == b.from && a.to == b.to })
}

// ordered are the places, lane by lane: those of services first.
func (c *chart) ordered() []*place {
	all := make([]*place, 0, len(c.places))
	for _, p := range c.places {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b *place) int {
		return cmp.Or(cmp.Compare(laneRank(a.Lane), laneRank(b.Lane)), cmp.Compare(a.Lane, b.Lane), cmp.Compare(a.key, b.key))
	})
	return all
}

func laneRank(lane string) int {
	switch lane {
	case unheeded:
		return 2
	case "":
		return 1
	}
	return 0
}
