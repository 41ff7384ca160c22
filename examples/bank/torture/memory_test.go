package torture

import (
	"errors"
	"sync"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/storetest"
)

var errInUse = errors.New("in use")

// A keeper keeps a store in memory from one turn to the next. It has one owner
// at a time, unless it is careless.
type keeper struct {
	store    cairn.Store
	careless bool

	mu    sync.Mutex
	owned bool
}

func newKeeper(t *testing.T) *keeper {
	k := &keeper{store: storetest.NewReference()}
	t.Cleanup(func() { k.store.Close() })
	return k
}

func (k *keeper) open(string) (cairn.Store, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.owned && !k.careless {
		return nil, errInUse
	}
	k.owned = true
	return &kept{Store: k.store, keeper: k}, nil
}

type kept struct {
	cairn.Store
	keeper *keeper
}

func (s *kept) Close() error {
	s.keeper.mu.Lock()
	defer s.keeper.mu.Unlock()
	s.keeper.owned = false
	return nil
}
