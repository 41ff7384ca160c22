// Package searchtarget keeps read models in Elasticsearch (7.9 and later) or
// OpenSearch, over HTTP.
//
//	target, err := searchtarget.New("https://127.0.0.1:9200", nil)
//	orders := projection.Projection[*searchtarget.Tx]{
//		Name:   "orders",
//		Tables: []string{"order"},
//		Setup: func(ctx context.Context, tx *searchtarget.Tx, n projection.Names) error {
//			return tx.CreateIndex(ctx, n.Name("order"), mappings)
//		},
//		Handler: projection.On(order.Events, func(ctx context.Context, tx *searchtarget.Tx, e order.Event, at *projection.Event) error {
//			return tx.Index(at.Position, at.Name("order"), at.Stream, document(e))
//		}),
//	}
//
// # Idempotent by position
//
// These servers have no transactions. Documents are written first, then the
// checkpoint, and after a crash between the two the events are applied again. So each
// write carries the position of its event as the version of the document, with
// version_type=external: the server takes it only if it is higher than the version
// that is there, deletions included, and answers 409 otherwise. That means that the
// document has seen this event or a later one, and is no error. An older runner that
// wakes up changes nothing for the same reason.
//
// The choice is external and not external_gte, which takes equal versions too: with
// that, the replay of an event would go back over what a second write of the same
// event had made of it. An event may write a document once ([Tx.Index] makes sure).
//
// It follows that handlers write whole documents that depend on the event alone, such
// as the latest state that it carries. Sums and counters belong into a database with
// transactions.
//
// When an event fails, the documents of others in its batch have been written: also
// those of later events of its key, which are then parked with it. When they are
// retried in order all is as it should be. Until then readers may see the later ones.
//
// A server forgets the version of a deleted document after index.gc_deletes. A runner
// that was paused for longer than that in the middle of a batch could bring back what
// was deleted meanwhile. [Tx.CreateIndex] sets it to an hour.
//
// # Bookkeeping
//
// The entries are one document of the index cairn_projection, written by
// compare-and-set (if_seq_no and if_primary_term), since the servers change single
// documents only. It is written with each batch, so that it should be small: Lineage,
// and thousands of parked events, are not for this target. At 32 MiB it is full.
//
// # Builds
//
// Readers use the plain name of a table, which is an alias of the index of the build
// that they see. [Target.Publish] moves the aliases of all tables in one call of
// _aliases, which the servers do as one step. What is about to move is written into
// the ledger first, so that a crash is completed by whoever comes next. The plain name
// must not be an index itself. What somebody completes late, after others have gone
// on, changes nothing, as the servers look whether an alias stands where it was
// expected. They cannot look whether there is none: so an alias that was made for the
// first time and taken away at once by [Target.Withdraw] may come back if a second
// program was completing the first step. Then it is to be removed by hand. A search over several tables should be one request of
// the server's (_msearch may see the one before and the other after a switch).
//
// # Reading one's own writes
//
// Wait tells when a batch is finished, and [Refresh] says what that means: that
// searches find its documents (refresh=wait_for, how it comes), or that they are stored
// and can be got by ID. With an index.refresh_interval of -1 the first never comes.
//
// # Facts
//
// What the package relies on is in the documentation of the servers, under "Bulk API",
// "Index API" (versioning), "Optimistic concurrency control", "Aliases API" and "The
// refresh parameter" for Elasticsearch (elastic.co/docs), and "Bulk", "Index document",
// "Manage aliases" for OpenSearch (docs.opensearch.org).
//
// The tests run on an imitation of the endpoints, written from that documentation, and
// hold it and the client to recorded requests and answers in testdata. With
// CAIRN_TEST_OPENSEARCH, the address of a server whose indices that begin with
// "cairn-test-" may be made and deleted, they run on that server too. Without it they
// are skipped by name, also with CAIRN_REQUIRE_SERVICES.
package searchtarget
