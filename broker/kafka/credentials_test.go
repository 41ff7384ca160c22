package kafka_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sasl/plain"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/kafka"
)

// TestWrongCredentials has the cluster answer as real ones do: the fake one only
// hangs up.
func TestWrongCredentials(t *testing.T) {
	t.Parallel()
	c := fake(t, kfake.EnableSASL(), kfake.Superuser("PLAIN", "admin", "secret"))
	c.ControlKey(int16(kmsg.SASLAuthenticate), func(req kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if !bytes.Contains(req.(*kmsg.SASLAuthenticateRequest).SASLAuthBytes, []byte("guess")) {
			return nil, nil, false
		}
		refused := req.ResponseKind().(*kmsg.SASLAuthenticateResponse)
		refused.ErrorCode = kerr.SaslAuthenticationFailed.Code
		return refused, nil, true
	})
	as := func(password string) kafka.Connection {
		return kafka.Connection{Brokers: c.ListenAddrs(), Options: []kgo.Opt{kgo.SASL(plain.Auth{User: "admin", Pass: password}.AsMechanism())}}
	}
	p := publisher(t, kafka.PublisherOptions{Connection: as("guess"), Timeout: time.Second})
	expect(t, p.Publish(limited(t), message("x", "k", "1")), broker.ErrUnavailable, "SASL", "credentials")
	sub := subscriber(t, kafka.SubscriberOptions{Connection: as("guess"), Group: "g", Topics: []string{"x"}, DeadTopic: "dead"})
	if err := sub.Subscribe(limited(t), nobody); !errors.Is(err, kerr.SaslAuthenticationFailed) {
		t.Errorf("Subscribe returned %v", err)
	}
	if err := c.CreateTopic("x", 1, nil); err != nil {
		t.Fatal(err)
	}
	p = publisher(t, kafka.PublisherOptions{Connection: as("secret")})
	if err := p.Publish(limited(t), message("x", "k", "1")); err != nil {
		t.Error(err)
	}
}

func nobody(context.Context, broker.Delivery) error { return errors.New("nobody is here") }

func TestNobodyAtTheAddress(t *testing.T) {
	p := publisher(t, kafka.PublisherOptions{Connection: kafka.Connection{Brokers: []string{"127.0.0.1:1"}}, Timeout: time.Second})
	expect(t, p.Publish(limited(t), message("x", "k", "1")), broker.ErrUnavailable)
}

func TestOptions(t *testing.T) {
	for field, o := range map[string]kafka.PublisherOptions{
		"Topic": {Topic: "a b"}, "InFlight": {InFlight: -1}, "Timeout": {Timeout: 1}, "Linger": {Linger: -1},
		"Brokers or Options": {Connection: kafka.Connection{Options: []kgo.Opt{kgo.RequiredAcks(kgo.LeaderAck())}}},
	} {
		_, err := kafka.NewPublisher(o)
		if e, ok := errors.AsType[*kafka.InvalidError](err); !ok || e.Field != field {
			t.Errorf("%s: got %v", field, err)
		}
	}
	some := []string{"t"}
	for field, o := range map[string]kafka.SubscriberOptions{
		"Group": {Topics: some}, "Topics": {Group: "g"}, "Sink": {Group: "g", Topics: some},
		"DeadTopic":   {Group: "g", Topics: some, DeadTopic: "a b"},
		"Window":      {Group: "g", Topics: some, DeadTopic: "d", Window: -1},
		"Attempts":    {Group: "g", Topics: some, DeadTopic: "d", Attempts: -1},
		"CommitEvery": {Group: "g", Topics: some, DeadTopic: "d", CommitEvery: 1},
	} {
		_, err := kafka.NewSubscriber(o)
		if e, ok := errors.AsType[*kafka.InvalidError](err); !ok || e.Field != field {
			t.Errorf("%s: got %v", field, err)
		}
	}
}
