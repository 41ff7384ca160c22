package ui

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"
)

func (u *ui) metricsPages() []page {
	return []page{{"GET /operations/metrics", u.metrics}}
}

const (
	metricsShown = 1000 // lines of a page
	familyShown  = 50   // lines of one metric
	maxLabels    = 400  // bytes of the labels of a line
)

// A metricGroup are the metrics of a part of the program.
type metricGroup struct {
	Name string
	All  []metricFamily
}

// A metricFamily is a metric, with a line for each set of labels.
type metricFamily struct {
	Name, Help string
	Lines      []metricLine
	More       int // lines that are not shown
}

// A metricsPage is what the page of metrics shows.
type metricsPage struct {
	Q      string
	Groups []metricGroup
	Shown  int
	Cut    bool   // there are more metrics
	Failed string // what could not be gathered
}

func (u *ui) metrics(w http.ResponseWriter, r *http.Request) error {
	if u.o.Gatherer == nil {
		return notOffered("metrics")
	}
	p := metricsPage{Q: r.FormValue("q")}
	if len(p.Q) > maxFilter {
		return wrong("q", "has %d bytes; the limit is %d", len(p.Q), maxFilter)
	}
	families, err := u.o.Gatherer.Gather() // what it could gather, also with an error
	if err != nil {
		p.Failed = clip(err.Error(), maxProblem)
	}
	p.fill(families)
	return u.operated(w, r, http.StatusOK, "metrics", "metrics", p)
}

// fill shows what holds the text that is looked for, as far as there is room.
func (p *metricsPage) fill(families []*dto.MetricFamily) {
	groups := map[string]*metricGroup{}
	for _, f := range families {
		shown := familyOf(f, strings.ToLower(p.Q))
		if len(shown.Lines) == 0 {
			continue
		}
		if p.Shown+len(shown.Lines) > metricsShown {
			p.Cut = true
			break
		}
		p.Shown += len(shown.Lines)
		name := subsystem(f.GetName())
		if groups[name] == nil {
			groups[name] = &metricGroup{Name: name}
		}
		groups[name].All = append(groups[name].All, shown)
	}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		p.Groups = append(p.Groups, *groups[name])
	}
}

// subsystem is the part of a name that says what part of the program it is about:
// the second word, where the first is the program's own name.
func subsystem(name string) string {
	name, _ = strings.CutPrefix(name, "cairn_")
	first, _, _ := strings.Cut(name, "_")
	return first
}

// familyOf are the lines of a metric that hold a text, which is in lower case: in
// its name, in what it is, or in their labels.
func familyOf(f *dto.MetricFamily, q string) metricFamily {
	shown := metricFamily{Name: f.GetName(), Help: f.GetHelp()}
	all := strings.Contains(strings.ToLower(f.GetName()+"\n"+f.GetHelp()), q)
	for _, m := range f.GetMetric() {
		labels := labelsOf(m)
		switch {
		case !all && !strings.Contains(strings.ToLower(labels), q):
		case len(shown.Lines) == familyShown:
			shown.More++
		default:
			shown.Lines = append(shown.Lines, metricLineOf(f.GetName(), clip(labels, maxLabels), m))
		}
	}
	return shown
}

// labelsOf writes labels as people do.
func labelsOf(m *dto.Metric) string {
	var parts []string
	for _, l := range m.GetLabel() {
		parts = append(parts, l.GetName()+"="+l.GetValue())
	}
	return strings.ToValidUTF8(strings.Join(parts, ", "), "\ufffd")
}
