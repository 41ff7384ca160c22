package sqltarget_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
)

// victim tells a process that is to be killed which database to count in.
const victim = "CAIRN_SQLTARGET_VICTIM"

func TestMain(m *testing.M) {
	told := strings.Fields(os.Getenv(victim))
	if len(told) == 0 {
		os.Exit(m.Run())
	}
	fmt.Println("failed:", count(told[0], told[1]))
}

// count runs the counter until it is killed, and says something all the while.
func count(driver, source string) error {
	for _, k := range kinds {
		if k.driver != driver {
			continue
		}
		db, err := sql.Open(driver, source)
		if err != nil {
			return err
		}
		go func() {
			for range time.Tick(5 * time.Millisecond) {
				fmt.Println("alive")
			}
		}()
		return projection.Run(context.Background(), events(counted), k.open(db), k.counter(), &projection.Options{
			MaxBatch: 20, Lease: 100 * time.Millisecond, Report: -1,
			OnApplied: func(at cairn.Position, _ int, _ time.Duration) { fmt.Println("at", at) },
		})
	}
	return errors.New("no such driver")
}

// counter is a projection that counts events, in one row and in one for each.
func (k kind) counter() projection.Projection[*sql.Tx] {
	return projection.Projection[*sql.Tx]{
		Name: "counter", Tables: []string{"counter", "seen"},
		Setup: func(ctx context.Context, tx *sql.Tx, n projection.Names) error {
			for _, table := range []string{"counter", "seen"} {
				// Again, where a statement about tables commits.
				if _, err := tx.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS `+n.Name(table)+` (k bigint PRIMARY KEY, n bigint NOT NULL)`); err != nil {
					return err
				}
			}
			_, err := tx.ExecContext(ctx, `INSERT INTO `+n.Name("counter")+` VALUES (1, 0)`)
			return err
		},
		Handler: projection.OnEvent(func(ctx context.Context, tx *sql.Tx, e *projection.Event) error {
			if _, err := tx.ExecContext(ctx, k.sql(`INSERT INTO `+e.Name("seen")+` VALUES ($1, 1)`), int64(e.Position)); err != nil {
				return err
			}
			_, err := tx.ExecContext(ctx, `UPDATE `+e.Name("counter")+` SET n = n + 1`)
			return err
		}),
	}
}

// counted is how many events there are to count.
const counted = 2000

// events is a log that is the same in every process: so many events.
type events int

func (n events) Info(context.Context) (cairn.Info, error) {
	return cairn.Info{ID: cairn.ID{1}, Head: cairn.Position(n)}, nil
}

func (events) StreamInfo(context.Context, string) (cairn.StreamInfo, error) {
	return cairn.StreamInfo{}, errors.New("there are no streams")
}

func (n events) ReadAll(ctx context.Context, o cairn.AllOptions) iter.Seq2[cairn.Recorded, error] {
	return func(yield func(cairn.Recorded, error) bool) {
		for at := o.After + 1; at <= cairn.Position(n) && (o.Before == 0 || at < o.Before); at++ {
			e := cairn.Recorded{Stream: "events", Position: at, Event: cairn.Event{ID: cairn.ID{2, byte(at >> 8), byte(at)}, Type: "happened"}}
			if !yield(e, context.Cause(ctx)) {
				return
			}
		}
		if o.Follow {
			if o.CaughtUp != nil {
				o.CaughtUp(cairn.Position(n))
			}
			<-ctx.Done()
			yield(cairn.Recorded{}, context.Cause(ctx))
		}
	}
}
