package nats_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	client "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/nats"
)

// guarded is a server with two users, of which one may publish to one subject.
func guarded(t *testing.T) *server.Server {
	return embedded(t, func(o *server.Options) {
		o.Users = []*server.User{
			{Username: "all", Password: "secret"},
			{Username: "some", Password: "secret", Permissions: &server.Permissions{
				Publish: &server.SubjectPermission{Allow: []string{"$JS.>", "allowed"}}, Subscribe: &server.SubjectPermission{Allow: []string{">"}},
			}},
		}
	})
}

func TestWrongCredentials(t *testing.T) {
	s := guarded(t)
	wrong := nats.Connection{URL: s.ClientURL(), Options: []client.Option{client.UserInfo("all", "guess")}}
	p := publisher(t, nats.PublisherOptions{Connection: wrong})
	expect(t, p.Publish(limited(t), message("x", "k", "1")), broker.ErrUnavailable, "uthorization", "does not accept the credentials")
	sub := subscriber(t, nats.SubscriberOptions{Connection: wrong, Stream: "x", Durable: "d", DeadSubject: "dead"})
	err := sub.Subscribe(limited(t), nobody)
	if !errors.Is(err, client.ErrAuthorization) || !strings.Contains(err.Error(), "does not accept the credentials") {
		t.Errorf("Subscribe returned %v", err)
	}
}

func nobody(context.Context, broker.Delivery) error { return errors.New("nobody is here") }

func TestForbiddenSubject(t *testing.T) {
	s := guarded(t)
	conn, err := client.Connect(s.ClientURL(), client.UserInfo("all", "secret"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "s", Subjects: []string{"allowed", "forbidden"}}); err != nil {
		t.Fatal(err)
	}
	some := nats.Connection{URL: s.ClientURL(), Options: []client.Option{client.UserInfo("some", "secret")}}
	p := publisher(t, nats.PublisherOptions{Connection: some, Timeout: time.Second})
	if err := p.Publish(limited(t), message("allowed", "k", "1")); err != nil {
		t.Fatal(err)
	}
	expect(t, p.Publish(limited(t), message("forbidden", "k", "2")), broker.ErrRejected, "permission")
	if err := p.Publish(limited(t), message("allowed", "k", "3")); err != nil {
		t.Fatal(err)
	}
}

func TestLentConnectionStaysOpen(t *testing.T) {
	s := embedded(t, nil)
	conn, err := client.Connect(s.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	name := stream(t, dial(t, s.ClientURL()), nil)
	p := publisher(t, nats.PublisherOptions{Connection: nats.Connection{Conn: conn}})
	if err := p.Publish(limited(t), message(name, "k", "1")); err != nil {
		t.Fatal(err)
	}
	if err := p.Close(limited(t)); err != nil || !conn.IsConnected() {
		t.Fatal(err, conn.Status())
	}
	p = publisher(t, nats.PublisherOptions{Connection: nats.Connection{Conn: conn}})
	conn.Close()
	expect(t, p.Publish(limited(t), message(name, "k", "2")), broker.ErrUnavailable, "closed for good")
}
