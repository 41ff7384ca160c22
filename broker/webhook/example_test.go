package webhook_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/webhook"
)

func Example() {
	secret := "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqrTwjU"
	receiver, err := webhook.NewSubscriber(webhook.SubscriberOptions{Secrets: []string{secret}})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/hooks/", http.StripPrefix("/hooks", receiver))
	server := httptest.NewServer(mux)
	defer server.Close()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() {
		ended <- receiver.Subscribe(ctx, func(_ context.Context, d broker.Delivery) error {
			fmt.Println(d.Topic, d.Event.Type(), string(d.Event.Data()))
			return nil
		})
	}()

	sender, err := webhook.NewPublisher(webhook.PublisherOptions{
		URL: server.URL + "/hooks", Secrets: []string{secret},
		AllowPlain: true, AllowPrivate: true, // it is a test on one machine
	})
	if err != nil {
		log.Fatal(err)
	}
	m := message("1")
	m.Topic = "orders"
	for sender.Publish(ctx, m) != nil { // a relay does this: perhaps nobody is subscribed yet
	}
	stop()
	<-ended
	if err := sender.Close(context.Background()); err != nil {
		log.Fatal(err)
	}
	// Output: orders com.example.tested.v1 {"n":1}
}
