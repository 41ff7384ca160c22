// Package inbox handles what arrives once, however often it arrives.
//
// Brokers deliver at least once: after a crash, a lost acknowledgement or a
// change of consumers a message comes again. An inbox stores, in one batch with
// what the handler wants stored, a mark that says that the message was handled.
// Both are there or neither is, so the effect of a message is there once.
//
//	in, err := inbox.Open(ctx, store, "billing", inbox.Options{})
//	...
//	err = subscriber.Subscribe(ctx, in.Handler(
//		func(ctx context.Context, d broker.Delivery) (cairn.Batch, error) {
//			return cairn.Batch{Writes: []cairn.Write{{
//				Stream: "invoice-" + d.Event.Subject(), Expected: cairn.NoStream,
//				Events: []cairn.Event{{Type: "invoice.drafted", Data: d.Event.Data()}},
//			}}}, nil
//		}))
//
// Package sqlinbox does the same in the transaction of an SQL database.
//
// # What is the same
//
// Two messages are the same if their source and ID are, as CloudEvents says. The
// mark also holds a sum of the content. If the content of the second differs,
// somebody has given an ID away twice, and one of the two facts would be lost in
// silence; so that is an error, a [*MismatchError], unless Options say otherwise.
//
// # Where the marks are
//
// All marks of an inbox are events of one system stream, $inbox-NAME, which
// readers that leave out the system do not see. A mark carries a tag made from
// source and ID, and the batch commits under the condition that no event with
// that tag lies behind a position, the floor. The store judges conditions at
// commit, one batch after the other, so of two owners who handle the same
// message at the same time, or of one that was cut off and one that took over,
// exactly one is stored. The other one conflicts, and learns that there is
// nothing left to do.
//
// There were other ways. An idempotency key of the batch would do it too, but
// keys are kept for ever. A stream for each ID would, with an expectation of no
// stream, but leaves a stream, its metadata and its deletion behind for each
// message there ever was. Streams by day need a rule for midnight. With one
// stream and a tag, an inbox is one stream for the store whatever its age.
//
// # What is forgotten
//
// Marks are kept for Options.Keep, and no more than Options.KeepCount of them.
// Older ones are forgotten all together: the floor is raised, and the stream is
// truncated up to there, which lets the store reclaim the space. Now and then the
// next call of Handle does this, at the price of a few reads; [Inbox.Sweep] does
// it on demand. A mark's age is the time from it to the newest mark, both by the
// store's clock, so it does not matter what the clocks of the owners say. An
// inbox that sees nothing forgets nothing.
//
// What arrives again when its mark is forgotten is new. Where that must not be,
// Options.RefuseLate refuses what says itself that it is older than that.
package inbox
