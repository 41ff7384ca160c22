// Package codec turns typed events into stored events and back.
//
// An application writes its events as plain Go types behind one interface, and
// names them in a map literal:
//
//	type Event interface{ account() } // Opened, Deposited, Withdrawn
//
//	var Events = codec.JSON(codec.Types[Event]{
//		"account.opened":    Opened{},
//		"account.deposited": Deposited{},
//		"account.withdrawn": Withdrawn{},
//	})
//
// The names are what is stored, so Go types can be renamed and moved at will.
// A name used twice, and a value that is no Event, do not compile; every other
// mistake in a registration is found when the codec is made, which panics, as
// [regexp.MustCompile] does: the registration is part of the program.
//
// # Versions
//
// History is never rewritten, so a type that changes beyond what its encoding
// tolerates gets a new stored name, and the old name gets an [Upcaster], which
// turns the old form into a newer one whenever it is read:
//
//	var Events = codec.JSON(codec.Types[Event]{
//		"account.opened.v3": Opened{},
//	},
//		codec.Upcast("account.opened", func(old openedV1) (openedV2, error) { ... }),
//		codec.Upcast("account.opened.v2", func(old openedV2) (Opened, error) { ... }),
//	)
//
// The steps find each other by Go type: openedV1 becomes openedV2, which becomes
// Opened. Code outside this package sees the newest form only.
//
// The version is in the name, and not in the metadata, for four reasons. The
// store indexes types, so one form can be counted, filtered and followed. A
// reader that has never heard of the new form gets an unknown type, which is an
// error, instead of data that it would misread. Writers in other languages have
// one convention less to agree on. And the metadata stays the application's.
// The price is that whoever follows events by type must follow all their names:
// that is what [Codec.Names] returns.
//
// One stored event becomes exactly one event. It has one revision and one
// position, by which readers remember how far they have come; of two events at
// one place a reader could remember only both or neither. An old event that no
// longer means anything becomes a type that is ignored where states are folded,
// and one that means several things a type that holds them.
package codec
