// Package client is a [cairn.Store] over the network: what a program does with a
// store in its own process it does in the same way with one that a Cairn server
// has, errors included.
//
//	store, err := client.Dial(ctx, "cairn://admin:secret@db.example.com:2113", nil)
//	...
//	defer store.Close()
//	r, err := store.Append(ctx, "order-1", cairn.NoStream, cairn.Event{Type: "order.placed"})
//
// Appends of many goroutines are packed into few messages; one that is alone is
// sent at once. Reads and followers travel packed too, and a slow reader holds
// nobody up.
//
// # When the connection breaks
//
// The client reconnects by itself. Reads and followers go on where they were,
// without loss or repetition; a follower waits for as long as its context lets
// it. Writes wait too, for [Options.MaxWait], and none is ever stored twice
// because it was sent twice: see [Client.Commit].
package client
