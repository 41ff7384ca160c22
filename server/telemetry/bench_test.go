package telemetry_test

import (
	"context"
	"iter"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/telemetry"
)

// nothing is a store that takes no time, so that what is left is the measuring.
type nothing struct{ cairn.Store }

func (nothing) Append(context.Context, string, cairn.Revision, ...cairn.Event) (cairn.Receipt, error) {
	return cairn.Receipt{}, nil
}

func (nothing) Info(context.Context) (cairn.Info, error) { return cairn.Info{}, nil }

func (nothing) ReadAll(_ context.Context, o cairn.AllOptions) iter.Seq2[cairn.Recorded, error] {
	return func(yield func(cairn.Recorded, error) bool) {
		for p := range o.Limit {
			if !yield(cairn.Recorded{Position: cairn.Position(p)}, nil) {
				return
			}
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	for name, s := range map[string]cairn.Store{"bare": nothing{}, "observed": telemetry.New(telemetry.Options{}).Observe(nothing{})} {
		b.Run(name, func(b *testing.B) {
			ctx, events := b.Context(), []cairn.Event{{Type: "t"}}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Append(ctx, "s", cairn.Any, events...); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkRead(b *testing.B) {
	for name, s := range map[string]cairn.Store{"bare": nothing{}, "observed": telemetry.New(telemetry.Options{}).Observe(nothing{})} {
		for kind, follow := range map[string]bool{"once": false, "follow": true} {
			b.Run(name+"/"+kind, func(b *testing.B) {
				n := 0
				for _, err := range s.ReadAll(b.Context(), cairn.AllOptions{Limit: b.N, Follow: follow}) {
					if err != nil {
						b.Fatal(err)
					}
					n++
				}
				if n != b.N {
					b.Fatal(n)
				}
			})
		}
	}
}
