// Package rabbitmq publishes to RabbitMQ and subscribes to its queues, over
// AMQP 0-9-1.
//
// A message goes to one exchange with its topic as the routing key. It is
// published when the broker has confirmed it, which for a durable queue means
// that it is on disk, and for a quorum queue on most nodes. It is published as
// mandatory: one that no queue would get comes back and is rejected, where
// brokers would drop it in silence.
//
// Events are carried as the AMQP binding of CloudEvents says: in binary mode
// attributes are headers that begin with "cloudEvents:", and those that begin
// with "cloudEvents_" are read too.
//
// # Order
//
// A queue keeps the order in which messages came, and a [Subscriber] handles
// those of one key one after the other. Two subscribers of one queue share its
// messages whatever their keys. Where order matters the queue must have
// x-single-active-consumer, so that one of them receives and the other stands
// by. A message whose attempts are spent goes back to its queue, and with it what
// has queued up behind it under its key; what is on its way from the broker at
// that moment may overtake it. Options.Attempts below zero keeps it, in order,
// for as long as the connection lasts.
package rabbitmq
