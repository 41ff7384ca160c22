// Package log is a broker that needs no broker: integration events are events of
// a Cairn log, in streams of their own, and those who subscribe are consumer
// groups.
//
//	publisher := log.NewPublisher(store, log.PublisherOptions{})
//	subscriber, err := log.NewSubscriber(store, log.SubscriberOptions{Topic: "shop.orders", Name: "billing"})
//
// It is for services that share a store, in this process or through a server, and
// that nevertheless shall know nothing of each other but their contracts. When
// they part they take another broker, and stay as they are.
//
// # What is stored
//
// A topic is a category, and what keeps the order is a stream of it:
// shop.orders-7 holds what was said on the topic shop.orders under the key 7; a
// key that is too long for the name of a stream is hashed. The type and the data
// are those of the CloudEvent. In the metadata are "key", the attributes with "ce-"
// before their names, the trace, and $correlationId and $causationId as for any
// other event: what led to what can be followed through the log from service to
// service.
//
// The event's ID is made of the source and ID of the CloudEvent. What is published
// again while the store remembers the ID is not stored again.
//
// # What is promised
//
// What package broker asks for: a message is published when it is durable, those
// of a key are handled one after the other, what fails is delivered again. The
// messages without a key count as those of one more key. What has failed too often,
// and what is rejected where there is no sink, is parked by the group with what
// follows under its key, and can be replayed, as in any other.
//
// A Delivery does not say which attempt it is. An event in a topic that is none of
// a publisher's is undecodable, and so a dead letter.
package log
