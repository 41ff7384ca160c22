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
// shop.orders-7 holds what was said on the topic shop.orders under the key 7. The
// type and the data are those of the CloudEvent, its other attributes are in the
// metadata, and $correlationId and $causationId are there as for any other event:
// so what led to what can be followed through the log from service to service.
// The event's ID is made of the source and ID of the CloudEvent, and of those that
// it has seen lately the store keeps one.
//
// # What is promised
//
// What package broker asks for: a message is published when it is durable, those
// of a key are handled one after the other, what fails is delivered again. What
// has failed too often, and what is rejected where there is no sink, is parked by
// the group and can be replayed, as in any other.
package log
