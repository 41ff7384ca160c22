package nats_test

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	client "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/cairndb/cairn/broker/nats"
)

// callers is how many publish at the same time, each waiting for its message.
const callers = 256

// together calls publish b.N times from so many goroutines.
func together(b *testing.B, publish func(n int64) error) {
	b.Helper()
	var n atomic.Int64
	var all sync.WaitGroup
	b.ResetTimer()
	for range callers {
		all.Go(func() {
			for i := n.Add(1); i <= int64(b.N); i = n.Add(1) {
				if err := publish(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}

// BenchmarkPublish is the adapter.
func BenchmarkPublish(b *testing.B) {
	s := embedded(b, nil)
	name := stream(b, dial(b, s.ClientURL()), nil)
	p := publisher(b, nats.PublisherOptions{Connection: nats.Connection{URL: s.ClientURL()}})
	m := message(name, "order-7", "")
	together(b, func(n int64) error {
		m := m
		m.Event.Context = m.Event.Context.Clone()
		m.Event.SetID(strconv.FormatInt(n, 10))
		return p.Publish(b.Context(), m)
	})
}

// BenchmarkBareClient is the client with the same message and confirmation.
func BenchmarkBareClient(b *testing.B) {
	s := embedded(b, nil)
	js := dial(b, s.ClientURL())
	name := stream(b, js, nil)
	together(b, func(n int64) error {
		id := strconv.FormatInt(n, 10)
		f, err := js.PublishMsgAsync(&client.Msg{Subject: name, Data: []byte(`{"n":1}`), Header: client.Header{
			"ce-specversion": {"1.0"}, "ce-id": {id}, "ce-source": {"https://shop.example/orders"}, "ce-type": {"order.placed.v1"},
			"ce-subject": {"gr%C3%B6%C3%9Fer"}, "ce-datacontenttype": {"application/json"}, "Cairn-Key": {"order-7"},
			jetstream.MsgIDHeader: {"https://shop.example/orders " + id},
		}})
		if err != nil {
			return err
		}
		select {
		case <-f.Ok():
			return nil
		case err := <-f.Err():
			return err
		}
	})
}
