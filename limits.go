package cairn

// The limits that every engine keeps. A value over its limit is refused with an
// [*InvalidError] that names the field and the limit, and nothing is stored.
const (
	MaxEventSize   = 16 << 20 // bytes of Data, Metadata and Tags of one event
	MaxBatchSize   = 64 << 20 // bytes of all events of a batch, names and types included
	MaxBatchEvents = 1 << 16  // events of a batch
	MaxBatchWrites = 1 << 16  // writes of a batch
	MaxConditions  = 1 << 10  // conditions of a batch
	MaxStreamName  = 1 << 10  // bytes of a stream's name
	MaxTypeName    = 1 << 10  // bytes of an event type
	MaxTag         = 1 << 9   // bytes of a tag
	MaxTags        = 64       // tags of an event
	MaxKey         = 1 << 9   // bytes of an idempotency key
	MaxFilters     = 1 << 10  // filters of a query
	MaxCriteria    = 1 << 12  // names and tags in all filters of a query
)
