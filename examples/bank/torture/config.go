package torture

import (
	"cmp"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os/exec"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/examples/bank/account"
)

// An Opener opens the store in a directory, which it creates if needed.
type Opener func(dir string) (cairn.Store, error)

// Config says what to torture and how. Dir and Open are required; the zero
// value of the rest is the default.
type Config struct {
	// Dir is where the store is. It must be missing or empty. Beside it, in
	// Dir with ".acks" behind, is written what the store has answered.
	Dir  string
	Open Opener

	// Verify checks the stored bytes at the end, when the store is closed, and
	// says in a line what it has read. Nil checks nothing more.
	Verify func(ctx context.Context, dir string) (string, error)

	// Start makes the command of a process that calls [Serve] with its standard
	// input and output. Nil runs the turns in this process, without kills.
	Start func() *exec.Cmd

	Duration  time.Duration // how long to go on; 10 seconds
	Turn      time.Duration // the longest turn; 3 seconds
	Processes int           // how many processes take turns; 3
	Workers   int           // how many goroutines move money; 16
	Accounts  int           // 100
	Initial   account.Money // what each account holds at first; 1000.00
	Seed      uint64        // of everything random; drawn if zero

	// NoKill ends every turn in good order.
	NoKill bool

	// Shared means that several processes may have the store open, so that
	// none is refused.
	Shared bool

	// Patience is how long a process may be silent; one minute.
	Patience time.Duration

	// Log is told about every turn. Nil is silent.
	Log io.Writer
}

// Limits of a Config, from how tasks are numbered.
const (
	maxWorkers  = 1 << 10
	maxAccounts = 1 << 20
)

func (c Config) withDefaults() (Config, error) {
	c.Duration = cmp.Or(c.Duration, 10*time.Second)
	c.Turn = cmp.Or(c.Turn, 3*time.Second)
	c.Processes = cmp.Or(c.Processes, 3)
	c.Workers = cmp.Or(c.Workers, 16)
	c.Accounts = cmp.Or(c.Accounts, 100)
	c.Initial = cmp.Or(c.Initial, 1000_00)
	c.Seed = cmp.Or(c.Seed, rand.Uint64())
	c.Patience = cmp.Or(c.Patience, time.Minute)
	if c.Log == nil {
		c.Log = io.Discard
	}
	return c, c.check()
}

func (c Config) check() error {
	switch {
	case c.Dir == "" || c.Open == nil:
		return errors.New("torture: Dir and Open are required")
	case c.Duration < 0 || c.Turn < 0 || c.Processes < 0 || c.Patience < 0:
		return errors.New("torture: a duration or number of processes is below zero")
	case c.Workers < 1 || c.Workers > maxWorkers:
		return errors.New("torture: there are 1 to 1024 workers")
	case c.Accounts < 2 || c.Accounts > maxAccounts:
		return errors.New("torture: there are 2 to 1048576 accounts")
	case c.Initial < 1 || c.Initial > account.MaxMoney/account.Money(c.Accounts):
		return errors.New("torture: accounts start with at least a cent, and may hold what all do together")
	}
	return nil
}

// settings are what a turn has to know.
type settings struct {
	Store   string        `json:"store"`
	Acks    string        `json:"acks"`
	Seed    uint64        `json:"seed"`
	Workers int           `json:"workers"`
	Initial account.Money `json:"initial"`
}

func (c Config) settings() settings {
	return settings{Store: c.Dir, Acks: c.Dir + ".acks", Seed: c.Seed, Workers: c.Workers, Initial: c.Initial}
}

// total is what all accounts hold together at any time.
func (c Config) total() account.Money { return account.Money(c.Accounts) * c.Initial }
