package disk

// Hurry has the index take in what is written after so many events, and made
// durable after so many, so that short tests see both happen often.
func (o *Options) Hurry(generation, durable int) *Options {
	o.generationEvents, o.durableEvents = generation, durable
	return o
}
