package wire

import (
	"context"

	"github.com/cairndb/cairn/bench/internal/system"
)

type opener = func(ctx context.Context, o system.Options) (system.System, error)

// The names of the systems that others are compared with.
const (
	Append        = "cairn-append"
	Batch         = "cairn-batch"
	Native        = "cairn-native"
	NothingAppend = "nothing-append"
	NothingBatch  = "nothing-batch"
)

// All lists every server. The command is how this program is started again as
// one of them: see [Serve].
func All(command []string) []system.Spec {
	jet := func(kind string) opener {
		return func(ctx context.Context, o system.Options) (system.System, error) {
			return dialJetStream(ctx, command, kind, o.Dir)
		}
	}
	all := []system.Spec{
		{Name: Append, Title: "**Cairn**, KurrentDB's `Append`", Open: openKurrent(command, "cairn")},
		{Name: NothingAppend, Title: "nothing, `Append`", Hollow: true, WritesOnly: true, Open: openKurrent(command, "nothing")},
		{Name: Batch, Title: "**Cairn**, KurrentDB's `BatchAppend`", WritesOnly: true, Open: openBatches(command, "cairn")},
		{Name: NothingBatch, Title: "nothing, `BatchAppend`", Hollow: true, WritesOnly: true, Open: openBatches(command, "nothing")},
		{Name: Native, Title: "**Cairn**, its own client", Open: openNative(command)},
		{Name: "tcp-jetstream-always", Title: "NATS JetStream, sync always", WritesOnly: true, Open: jet("jetstream-always")},
		{Name: "tcp-jetstream", Title: "NATS JetStream, default (**not durable**)", Volatile: true, Open: jet("jetstream")},
	}
	for _, spec := range system.All() {
		if spec.Name == "postgres" {
			all = append(all, spec)
		}
	}
	return all
}
