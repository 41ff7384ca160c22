// Package component notes in a store what the parts of a system are: what they
// hear, what they tell, through which broker, and what they write. From that, and
// from what groups and projections select, the window draws the system as it is.
//
// Consumer groups, and with them relays, sagas and the subscribers of a log, note
// it with their definition: [About] is one of their options, and what they know
// they fill in. What is no group says it once, when it starts:
//
//	err := component.Note(ctx, store, "billing-hears-orders", component.About{
//		Kind: "subscriber", Service: "billing", Via: "nats", Hears: []string{"shop.orders"}, Writes: []string{"invoice"},
//	})
//
// Nothing depends on it: a part that is not described works all the same, and is
// drawn with what is known of it.
package component
