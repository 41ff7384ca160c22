// Package kafka publishes to and subscribes from Kafka, with CloudEvents in
// record headers.
//
// A message is published when all in-sync replicas have it. The producer is
// idempotent, so that its own further attempts do not write twice, and the key
// chooses the partition, the way other clients do.
//
// A subscriber is a member of a consumer group. It handles records of one key one
// after the other and those of other keys beside them, in the same partition too,
// and commits up to the lowest offset that is not settled.
package kafka
