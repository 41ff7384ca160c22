// Package storetest holds the engines of [cairn.Store] to its contract.
//
// A store has many ways to be wrong that no demonstration shows: an update lost
// between two writers, a position that becomes visible before a lower one, a
// retry that is stored twice, a filter that forgets. [Run] is a kit of tests
// for these. An engine calls it with a function that opens one:
//
//	func TestConformance(t *testing.T) {
//		storetest.Run(t, storetest.Config{
//			Open: func(t *testing.T) cairn.Store { ... },
//		})
//	}
//
// What an engine lacks it says as data, in [Features], and the tests concerned
// are skipped by name, so that the gap stands in the log.
//
// [NewReference] is the contract once more, as a program: a store in memory,
// written to be read rather than to be fast. The kit plays random operations
// against it and the store under test, and compares the answers.
package storetest
