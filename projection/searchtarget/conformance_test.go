package searchtarget_test

import (
	"context"
	"net"
	"net/http"
	"testing"

	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/searchtarget"
	"github.com/cairndb/cairn/projection/targettest"
)

func TestConformance(t *testing.T) {
	each(t, func(t *testing.T, open func(t testing.TB) *server) {
		targettest.Run(t, func(t testing.TB) targettest.Subject[tx] { return subject(t, open(t)) })
	})
}

func subject(t testing.TB, s *server) targettest.Subject[tx] {
	conns := &http.Transport{}
	t.Cleanup(conns.CloseIdleConnections)
	return targettest.Subject[tx]{
		Except: map[string]string{
			"Withdraw/EntryLast": "who completes a first publication late brings back a name that was taken away meanwhile: see Builds in the package's documentation",
		},
		Target: s.target(t, func(o *searchtarget.Options) { o.Client = &http.Client{Transport: conns} }),
		Second: s.target(t, nil),
		Make:   func(ctx context.Context, tx tx, table string) error { return tx.CreateIndex(ctx, table, mappings) },
		Put: func(ctx context.Context, tx tx, r targettest.Row) error {
			return tx.Index(r.At, r.Table, "of "+r.Key, row{r.Key, r.N})
		},
		Delete: func(ctx context.Context, tx tx, r targettest.Row) error {
			return tx.Delete(r.At, r.Table, "of "+r.Key)
		},
		Rows: func(ctx context.Context, tables ...string) (all []map[string]int64, _ error) {
			for _, table := range tables {
				rows, err := s.rows(t, ctx, table)
				if err != nil {
					return nil, err
				}
				all = append(all, rows)
			}
			return all, nil
		},
		Faults: targettest.Faults[tx]{
			Violate: func(ctx context.Context, tx tx, table string) error {
				return tx.Index(1, table, "x", row{"x", "no number"})
			},
			Cut: func(testing.TB) { conns.CloseIdleConnections() },
			Down: func(t testing.TB) projection.Target[tx] {
				return (&server{address: "http://" + nobody(t), prefix: s.prefix}).target(t, nil)
			},
		},
		Lacks: []targettest.Feature{targettest.Moments, targettest.OneStep, targettest.NUL},
	}
}

// nobody is an address where nobody listens.
func nobody(t testing.TB) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	return l.Addr().String()
}
