// Package mqtt publishes to brokers that speak MQTT 5, and subscribes to them.
//
// A message is published with quality of service 1: it is published when the
// broker has acknowledged it. What the broker says when it does not, its reason
// code, decides what becomes of the message; brokers before MQTT 5 could not say,
// and are not supported.
//
// Events are carried as the MQTT binding of CloudEvents says: in binary mode
// attributes are user properties.
//
// # What MQTT does not have
//
// An MQTT broker passes a message on to who is subscribed, or whose session is
// kept. If that is nobody, it acknowledges the message all the same and forgets
// it: see PublisherOptions.OnUnmatched.
//
// There is no way to give a message back, and acknowledgements go out in the
// order in which messages came. A message that fails again and again therefore
// stays with its subscriber, which keeps trying, and when as many as
// SubscriberOptions.Window have come after it, nothing more comes.
// SubscriberOptions.Attempts puts an end to that: it is a dead letter then.
//
// There are no dead letters on the broker either, so a subscriber needs a sink.
package mqtt
