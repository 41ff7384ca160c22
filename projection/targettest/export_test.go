package targettest

import "testing"

// What tests from outside use, which may open a store.
type LooseTx = looseTx

// OpenLoose opens the target without transactions.
func OpenLoose(testing.TB) Subject[LooseTx] { return looseMemory(newLoose()) }

// OpenMemory opens the target in memory.
func OpenMemory(testing.TB) Subject[memTx] { return memory(newBreakable()) }
