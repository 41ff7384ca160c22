package kafka

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/cairndb/cairn/broker"
)

var errTopic = errors.New("this is no topic")

func failed(m *broker.Message, kind, err error, hint string) error {
	return &broker.PublishError{Broker: "kafka", Topic: m.Topic, ID: m.Event.ID(), Kind: kind, Err: err, Hint: hint}
}

// A fault is what an error of the client means.
type fault struct {
	err  error
	kind error
	hint string
}

// faults are those that a message, or whoever configures, is to blame for.
var faults = []fault{
	{kerr.MessageTooLarge, broker.ErrRejected, "the message is over the topic's max.message.bytes or the producer's batch limit"},
	{kerr.RecordListTooLarge, broker.ErrRejected, "the message is over the topic's segment.bytes"},
	{kerr.UnknownTopicOrPartition, broker.ErrRejected, "create the topic, or set CreateTopics if the cluster may"},
	{kerr.UnknownTopicID, broker.ErrRejected, "the topic was deleted"},
	{kerr.InvalidTopicException, broker.ErrRejected, "the cluster does not allow this topic's name"},
	{kerr.InvalidRecord, broker.ErrRejected, "the topic is compacted and needs keys, or its schema does not allow the message"},
	{kerr.PolicyViolation, broker.ErrRejected, "a policy of the cluster forbids it"},
	{kerr.TopicAuthorizationFailed, broker.ErrRejected, "give the user the permission to write to this topic"},
	{kerr.UnsupportedForMessageFormat, broker.ErrRejected, "the topic's message format has no headers: raise it to version 2"},
	{kerr.InvalidPartitions, broker.ErrRejected, ""},
	{kerr.ClusterAuthorizationFailed, broker.ErrUnavailable, "before Kafka 3.0, give the user the permission IDEMPOTENT_WRITE on the cluster"},
	{kerr.SaslAuthenticationFailed, broker.ErrUnavailable, "the cluster does not accept the credentials"},
	{kerr.UnsupportedSaslMechanism, broker.ErrUnavailable, "the cluster has another SASL mechanism"},
	{kerr.IllegalSaslState, broker.ErrUnavailable, "the cluster wants SASL"},
	{kerr.NotEnoughReplicas, broker.ErrUnavailable, "fewer replicas are in sync than the topic's min.insync.replicas"},
	{kgo.ErrClientClosed, broker.ErrClosed, ""},
	{context.Canceled, nil, ""},
}

// explain says what the client's error means for a message. What is not known is
// the cluster's fault.
func explain(m *broker.Message, err error) error {
	if err == nil {
		return nil
	}
	for _, f := range faults {
		if errors.Is(err, f.err) {
			return failed(m, f.kind, err, f.hint)
		}
	}
	hint := ""
	if _, ok := errors.AsType[*kgo.ErrFirstReadEOF](err); ok {
		hint = "the broker hangs up at once: perhaps it wants TLS or SASL"
	}
	return failed(m, broker.ErrUnavailable, err, hint)
}

// A doubt is why nothing is confirmed: the client says only that it was not, and
// goes on trying whatever the reason.
type doubt struct {
	mu    sync.Mutex
	asked time.Time
	err   error
}

// ask finds out what is wrong with the cluster, or returns nil. It is asked once
// for all that fail together.
func (d *doubt) ask(cl *kgo.Client) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if time.Since(d.asked) > time.Second {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		d.err = cl.Ping(ctx)
		d.asked = time.Now()
	}
	return d.err
}

// final returns the error that ends a subscription, or nil if it can be mended
// by trying again.
func final(err error) error {
	for _, e := range []error{
		kerr.TopicAuthorizationFailed, kerr.GroupAuthorizationFailed, kerr.ClusterAuthorizationFailed, kerr.SaslAuthenticationFailed,
		kerr.UnsupportedSaslMechanism, kerr.IllegalSaslState, kerr.InvalidTopicException, kerr.InvalidGroupID,
		kerr.InconsistentGroupProtocol, kerr.InvalidSessionTimeout, kgo.ErrClientClosed,
	} {
		if errors.Is(err, e) {
			return err
		}
	}
	return nil
}
