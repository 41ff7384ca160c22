package sqlinbox_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/inbox/sqlinbox"
)

// victim tells a process that is to be killed what to handle, and where.
const victim = "CAIRN_SQLINBOX_VICTIM"

func TestMain(m *testing.M) {
	told := strings.Fields(os.Getenv(victim))
	if len(told) == 0 {
		os.Exit(m.Run())
	}
	fmt.Println(sacrifice(told))
}

// sacrifice handles a message, and stops to be killed: in the handler, with the
// effect written, or behind the commit.
func sacrifice(told []string) error {
	var dialect sqlinbox.Dialect
	if _, err := fmt.Sscan(told[0], (*int)(&dialect)); err != nil {
		return err
	}
	db := database{driver: told[1], source: told[2], inbox: told[3], effects: told[4], dialect: dialect}
	var err error
	if db.DB, err = sql.Open(db.driver, db.source); err != nil {
		return err
	}
	in, err := sqlinbox.New(db.DB, db.dialect, "billing", sqlinbox.Options{Table: db.inbox})
	if err != nil {
		return err
	}
	stop := func() {
		fmt.Println("here")
		bufio.NewReader(os.Stdin).ReadByte() // nothing ever comes
	}
	err = in.Handle(context.Background(), delivery("1", ""), func(ctx context.Context, tx *sql.Tx, d broker.Delivery) error {
		if err := db.effect(ctx, tx, d); err != nil {
			return err
		}
		if told[5] == "inside" {
			stop()
		}
		return nil
	})
	if err == nil {
		stop()
	}
	return errors.Join(err, errors.New("not killed"))
}

func TestKilledOwner(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	for _, where := range []string{"inside", "behind"} {
		t.Run(where, func(t *testing.T) {
			each(t, func(t *testing.T, db *database) {
				cmd := exec.Command(os.Args[0])
				cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d %s %s %s %s %s", victim, db.dialect, db.driver, db.source, db.inbox, db.effects, where))
				cmd.Stderr = os.Stderr
				in, err := cmd.StdinPipe()
				if err != nil {
					t.Fatal(err)
				}
				defer in.Close()
				out, err := cmd.StdoutPipe()
				if err != nil {
					t.Fatal(err)
				}
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				said, err := bufio.NewReader(out).ReadString('\n')
				equal(t, "the process said", fmt.Sprint(said, err), "here\n<nil>")
				_ = cmd.Process.Kill()
				_ = cmd.Wait()

				// The broker delivers again, as nothing was acknowledged.
				if err := db.open(t, sqlinbox.Options{}).Handle(context.Background(), delivery("1", ""), db.effect); err != nil {
					t.Fatal(err)
				}
				equal(t, "effects", db.all(t), "1 effects of 1 messages")
			})
		})
	}
}
