// Package nats publishes to and subscribes from NATS JetStream, with CloudEvents
// in headers.
//
// A message is published when a stream has stored it. Every message carries its
// source and ID as Nats-Msg-Id, so within its duplicate window a stream stores it
// once, however often it is published.
//
// A subscriber is a durable pull consumer with explicit acknowledgements. It
// handles messages of one key one after the other, as long as it is the only one
// of its consumer: JetStream itself hands the messages of one key to any. Set
// [SubscriberOptions].Exclusive where several processes run and order matters.
package nats
