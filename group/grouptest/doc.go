// Package grouptest holds package group, over a store, to what it promises:
// order by key, nothing lost, effects once, whatever is killed or paused.
//
//	func TestGroups(t *testing.T) {
//		grouptest.Run(t, func(t *testing.T) cairn.Store {
//			store, err := disk.OpenMemory(nil)
//			...
//			return store
//		})
//	}
//
// It is for those who make a store, and shows those who use groups how to test
// what they do against kills: [Cuttable] is a store that can be cut off.
package grouptest
