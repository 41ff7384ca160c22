package metrics

import (
	"strconv"
	"time"

	"github.com/cairndb/cairn/projection"
)

// Audited shows what an audit has found: 1 if every lane has applied just what the
// log holds, and 0 if events were lost, doubled or reordered.
func (p *Projection) Audited(r *projection.AuditReport) {
	build := strconv.Itoa(r.Build)
	verdict := 0.0
	if r.OK() {
		verdict = 1
	}
	p.audit.WithLabelValues(p.name, build).Set(verdict)
	p.audited.WithLabelValues(p.name, build).Set(float64(time.Now().UnixMilli()) / 1000)
}
