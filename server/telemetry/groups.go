package telemetry

import (
	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/metrics"
)

// newGroups makes the metrics of the groups of a store, which is not known yet.
// Unlike others they have a label that callers choose, the name of a group, and
// so are bounded.
func newGroups() *metrics.Groups { return metrics.NewGroups(nil) }

// watchGroups says whose groups, and whose projections, are shown. They are read
// from the bare store, so that to look at them is no traffic.
func (in *Instruments) watchGroups(s cairn.Store) {
	in.groups.Watch(s)
	in.models.Watch(s)
}
