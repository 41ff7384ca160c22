package pgxtarget_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/pgxtarget"
)

// The connection is cut after each byte of an update's conversation, in each
// direction. Whether it was committed is unknown then, and the entry tells.
func TestCutAnywhere(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.do(`CREATE TABLE item (n int)`)
	p := newProxy(t)
	c := &cutting{database: d, target: d.target(p.connects), sure: d.target()}
	c.succeed() // which prepares the statements
	p.limit(toServer, -1)
	c.succeed()
	outcomes := map[string]int{}
	for direction, length := range p.conversation() {
		for bytes := 1; bytes <= length+3; bytes += step(length) {
			c.succeed()
			p.limit(direction, bytes)
			outcomes[c.cut(p)]++
		}
	}
	t.Log(outcomes)
	for _, outcome := range []string{"error true, committed false", "error true, committed true"} {
		if outcomes[outcome] == 0 {
			t.Errorf("it was never so: %s", outcome)
		}
	}
}

// A cutting counts updates whose connection is cut.
type cutting struct {
	*database
	target, sure *pgxtarget.Target // by way of the proxy, and not
	now          int               // how often the entry has moved, and how many rows there are
}

// update writes a row that is queued, and waits for another statement.
func (c *cutting) update() error {
	return c.target.Update(within(c), move("lane/0", number(c.now), number(c.now+1)), func(ctx context.Context, tx pgx.Tx) error {
		if err := pgxtarget.Queue(ctx, tx, nil, `INSERT INTO item VALUES ($1)`, c.now); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE item SET n = n + 0 WHERE n = $1`, c.now)
		if err != nil {
			return err
		}
		return pgxtarget.Queue(ctx, tx, nil, `UPDATE item SET n = n - 0 WHERE n = $1`, c.now)
	})
}

// succeed updates, when the target has found out that it was cut off.
func (c *cutting) succeed() {
	c.Helper()
	for range 3 {
		err := c.update()
		c.look()
		if err == nil {
			return
		}
		fault(c, "connecting again", c.target, err, projection.FaultDown)
	}
	c.Fatal("the target does not connect again")
}

// cut updates while the connection is cut, and says what has become of it.
func (c *cutting) cut(p *proxy) string {
	c.Helper()
	was := c.now
	err := c.update()
	if err != nil {
		fault(c, "cut", c.target, err, projection.FaultDown)
	}
	p.limit(toServer, -1)
	p.cut()
	c.look()
	if err == nil && c.now == was {
		c.Errorf("no error, and not committed")
	}
	return fmt.Sprintf("error %v, committed %v", err != nil, c.now != was)
}

// look finds out how the entry stands, and how many rows there are.
func (c *cutting) look() {
	c.Helper()
	c.now = c.settled(c.sure, c.now)
	equal(c, "rows", c.count(`SELECT count(*) FROM item`), c.now)
}

// step leaves out most bytes of a long conversation.
func step(length int) int {
	if testing.Short() {
		return length/10 + 1
	}
	return length/40 + 1
}

// settled waits until the server has noticed that a connection was cut: only then
// can nothing be committed any more. An update that expects what stands waits for
// who holds it.
func (d *database) settled(target *pgxtarget.Target, was int) int {
	d.Helper()
	for n := was; n <= was+1; n++ {
		err := target.Apply(within(d), projection.Change{Expect: []projection.Entry{{Key: "lane/0", Value: number(n)}}})
		if err == nil {
			return n
		}
		if !errors.Is(err, projection.ErrMoved) {
			d.Fatal(err)
		}
	}
	d.Fatalf("the entry stands neither at %d nor at the next", was)
	return 0
}
