package torture

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/examples/bank/account"
	"github.com/cairndb/cairn/examples/bank/bank"
)

// A setup is what the accounts were before any turn.
type setup struct {
	Accounts []account.Number `json:"accounts"`
	Head     cairn.Position   `json:"head"` // behind the last first deposit
	Total    account.Money    `json:"total"`
}

func (s settings) setupPath() string { return filepath.Join(s.Acks, "setup.json") }

func (s settings) loadSetup() (all setup, err error) {
	data, err := os.ReadFile(s.setupPath())
	if err == nil {
		err = json.Unmarshal(data, &all)
	}
	return all, err
}

// prepare makes the store and its accounts, and writes down what they hold.
func (c Config) prepare(ctx context.Context) error {
	s := c.settings()
	for _, dir := range []string{s.Store, s.Acks} {
		if err := mustBeEmpty(dir); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(s.Acks, 0o755); err != nil {
		return err
	}
	store, err := c.Open(s.Store)
	if err != nil {
		return fmt.Errorf("open the new store: %w", err)
	}
	all, err := c.fill(ctx, store)
	if err := errors.Join(err, store.Close()); err != nil {
		return fmt.Errorf("set up the accounts: %w", err)
	}
	return writeFile(s.setupPath(), all)
}

// fill opens the accounts.
func (c Config) fill(ctx context.Context, store cairn.Store) (setup, error) {
	all := setup{Accounts: make([]account.Number, c.Accounts), Total: c.total()}
	b := bank.New(store, nil)
	group, opening := errgroup.WithContext(ctx)
	group.SetLimit(c.Workers)
	for i := range all.Accounts {
		group.Go(func() (err error) {
			all.Accounts[i], err = c.openOne(opening, b, i)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return all, err
	}
	info, err := store.Info(ctx)
	all.Head = info.Head
	return all, err
}

func (c Config) openOne(ctx context.Context, b *bank.Bank, i int) (account.Number, error) {
	a, err := b.Open(ctx, fmt.Sprintf("torture %d", i+1))
	if err == nil {
		_, err = b.Deposit(ctx, a.Number, c.Initial)
	}
	return a.Number, err
}

func mustBeEmpty(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(entries) > 0 {
		return fmt.Errorf("%s is not empty; the torture needs a store of its own, so name another directory or remove it", dir)
	}
	return nil
}

// writeFile replaces a file by another at once, so that a kill leaves either.
func writeFile(path string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", data, 0o644); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
