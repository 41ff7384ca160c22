// Package lane is what the subscribers of brokers without order of their own
// have in common: deliveries are handled side by side, those of one key one after
// the other, and one that fails is tried again while the rest of its key waits.
package lane
