package disk

// Hurry has the index take in what is written after so many events, and made
// durable after so many, so that short tests see both happen often.
func (o *Options) Hurry(generation, durable int) *Options {
	o.generationEvents, o.durableEvents = generation, durable
	return o
}

// OpenAtMost has so many segments open for reading at a time.
func (o *Options) OpenAtMost(n int) *Options {
	o.openSegments = n
	return o
}

// Followers is how many follow the store.
func (s *Store) Followers() int64 { return s.watchers.n.Load() }
