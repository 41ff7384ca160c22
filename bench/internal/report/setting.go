package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// linked are the peers whose versions are worth knowing.
var linked = []string{
	"github.com/nats-io/nats-server/v2", "github.com/jackc/pgx/v5", "modernc.org/sqlite",
	"go.etcd.io/bbolt", "github.com/cockroachdb/pebble/v2",
	"github.com/ThreeDotsLabs/watermill-sql/v4", "github.com/nats-io/nats.go", "github.com/twmb/franz-go", "github.com/twmb/franz-go/pkg/kfake",
}

// writeSetting says what ran, where, how and when.
func writeSetting(w io.Writer, r *run) {
	fmt.Fprintf(w, "```\n%s\n```\n\n", r.Command)
	m := r.Machine
	t := table{head: []string{"machine", ""}}
	t.row("processor", fmt.Sprintf("%s, %d cores", m.CPU, m.Cores))
	t.row("memory", fmt.Sprintf("%.0f GiB", float64(m.Memory)/(1<<30)))
	t.row("kernel", m.Kernel)
	t.row("file system", m.FileSystem)
	t.row("Go", m.Go)
	t.row("peers", strings.Join(slices.Compact(append(versions(m.Modules), r.Servers...)), ", "))
	t.row("date", m.Time.Format(time.RFC3339)+", load average "+m.Load)
	rounds := fmt.Sprintf("%d, of %v each after %v of warm-up, %v apart", r.Settings.Rounds, r.Settings.Duration, r.Settings.Warmup, r.Settings.Idle)
	if r.reacted() || r.projected() {
		rounds = fmt.Sprintf("%d, %v apart", r.Settings.Rounds, r.Settings.Idle)
	}
	t.row("rounds", rounds)
	for _, omitted := range r.Omitted {
		t.row("left out", omitted)
	}
	t.write(w)
}

func versions(modules map[string]string) (list []string) {
	for _, path := range linked {
		if v, ok := modules[path]; ok {
			parts := strings.Split(strings.TrimSuffix(path, "/v2"), "/")
			name := parts[len(parts)-1]
			if name == "v5" {
				name = "pgx"
			}
			if name == "v4" {
				name = "watermill-sql"
			}
			list = append(list, name+" "+strings.TrimPrefix(v, "v"))
		}
	}
	slices.Sort(list)
	return list
}
