package ui

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/cairndb/cairn"
)

// sampled is how many of the latest events are looked at for what leads to what.
const sampled = 500

// A sample is what the latest events show.
type sample struct {
	categoryOf map[string]string          // of types
	leads      map[string]map[string]bool // from type to type
}

// sample reads the latest events, the newest first, so a cause comes after what it
// led to.
func (u *ui) sample(ctx context.Context) (*sample, error) {
	s := &sample{map[string]string{}, map[string]map[string]bool{}}
	waiting := map[string][]string{} // types, by the ID of their cause
	for e, err := range u.store.ReadAll(ctx, cairn.AllOptions{Backward: true, NoSystem: true, Limit: sampled}) {
		if err != nil {
			return nil, err
		}
		if s.categoryOf[e.Type] == "" {
			s.categoryOf[e.Type] = cairn.Category(e.Stream)
		}
		for _, effect := range waiting[e.ID.String()] {
			if s.leads[e.Type] == nil {
				s.leads[e.Type] = map[string]bool{}
			}
			s.leads[e.Type][effect] = true
		}
		if _, cause := cairn.Correlation(e.Metadata); cause != "" {
			waiting[cause] = append(waiting[cause], e.Type)
		}
	}
	return s, nil
}

// lookForTypes finds the types and categories that there are: those that the
// engine counts, that were seen lately, and that somebody selects or writes.
func (u *ui) lookForTypes(ctx context.Context, s *system, k *known) error {
	seen, err := u.sample(ctx)
	if err != nil {
		return err
	}
	for t, c := range seen.categoryOf {
		k.categoryOf[t] = c
	}
	for from, to := range seen.leads {
		for t := range to {
			s.Leads[from] = append(s.Leads[from], t)
		}
		slices.Sort(s.Leads[from])
	}
	types, categories := newNames(), newNames()
	if err := u.stock(ctx, types, categories); err != nil {
		return err
	}
	for t, c := range seen.categoryOf {
		types.add(0, t)
		categories.add(0, c)
	}
	for _, a := range s.Actors {
		categories.add(0, a.Writes...)
		for _, f := range a.Query {
			types.add(0, f.Types...)
			categories.add(0, categoriesOf(&f)...)
		}
	}
	return u.enter(ctx, s, k, types, categories)
}

// stock adds what the engine counts, if it does.
func (u *ui) stock(ctx context.Context, types, categories *names) error {
	if u.o.Storage == nil {
		return nil
	}
	st, err := u.o.Storage(ctx)
	for _, c := range st.Types {
		types.add(c.Events, c.Name)
	}
	for _, c := range st.Categories {
		categories.add(c.Events, c.Name)
	}
	return err
}

// enter puts types and categories into the system, as many as are shown.
func (u *ui) enter(ctx context.Context, s *system, k *known, types, categories *names) error {
	all := types.most()
	for _, name := range all[:s.leaveOut(len(all), mapTypes, "types")] {
		c, err := u.categoryOf(ctx, k, name)
		if err != nil {
			return err
		}
		categories.add(0, c)
		s.Types = append(s.Types, &eventType{types.tally(name), c})
	}
	all = categories.most()
	for _, name := range all[:s.leaveOut(len(all), mapCategories, "categories")] {
		s.Categories = append(s.Categories, &category{tally: categories.tally(name)})
	}
	return nil
}

// manyTypes is of how many types is remembered where they are.
const manyTypes = 10_000

// categoryOf is the category of the latest event of a type; none if there is no
// such event yet.
func (u *ui) categoryOf(ctx context.Context, k *known, name string) (string, error) {
	if c, ok := k.categoryOf[name]; ok {
		return c, nil
	}
	if len(k.categoryOf) > manyTypes {
		clear(k.categoryOf)
	}
	for e, err := range u.store.ReadAll(ctx, cairn.AllOptions{Backward: true, Limit: 1, Query: cairn.ByType(name)}) {
		if err != nil {
			return "", err
		}
		k.categoryOf[name] = cairn.Category(e.Stream)
	}
	return k.categoryOf[name], nil
}

// categoriesOf are those that a filter selects from, as far as its words say.
func categoriesOf(f *cairn.Filter) []string {
	all := slices.Clone(f.Categories)
	for _, stream := range slices.Concat(f.Streams, f.Prefixes) {
		all = append(all, cairn.Category(stream))
	}
	return all
}

// names are names, each once, without the system's. The weight of one is how many
// events the engine says that it has.
type names struct{ weights map[string]uint64 }

func newNames() *names { return &names{map[string]uint64{}} }

func (n *names) add(weight uint64, all ...string) {
	for _, name := range all {
		if name != "" && !strings.HasPrefix(name, "$") {
			n.weights[name] = max(n.weights[name], weight)
		}
	}
}

func (n *names) tally(name string) tally { return tally{Name: name, Events: int64(n.weights[name])} }

// most are the names, the heaviest first.
func (n *names) most() []string {
	all := make([]string, 0, len(n.weights))
	for name := range n.weights {
		all = append(all, name)
	}
	slices.SortFunc(all, func(a, b string) int { return cmp.Or(cmp.Compare(n.weights[b], n.weights[a]), cmp.Compare(a, b)) })
	return all
}
