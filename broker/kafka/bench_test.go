package kafka_test

import (
	"context"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/cairndb/cairn/broker/kafka"
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
	brokers := fake(b).ListenAddrs()
	name := topic(b, brokers, 4)
	p := publisher(b, kafka.PublisherOptions{Connection: kafka.Connection{Brokers: brokers}})
	m := message(name, "", "")
	together(b, func(n int64) error {
		m := m
		m.Key = strconv.FormatInt(n%1000, 10)
		m.Event.Context = m.Event.Context.Clone()
		m.Event.SetID(strconv.FormatInt(n, 10))
		return p.Publish(b.Context(), m)
	})
}

// BenchmarkBareClient is the client with the same record and confirmation.
func BenchmarkBareClient(b *testing.B) {
	brokers := fake(b).ListenAddrs()
	name := topic(b, brokers, 4)
	cl := client(b, brokers, kgo.ProducerLinger(0), kgo.RequiredAcks(kgo.AllISRAcks()))
	together(b, func(n int64) error {
		done := make(chan error, 1)
		cl.Produce(context.Background(), &kgo.Record{
			Topic: name, Key: []byte(strconv.FormatInt(n%1000, 10)), Value: []byte(`{"n":1}`),
			Headers: []kgo.RecordHeader{
				{Key: "ce_specversion", Value: []byte("1.0")}, {Key: "ce_id", Value: []byte(strconv.FormatInt(n, 10))},
				{Key: "ce_source", Value: []byte("https://shop.example/orders")}, {Key: "ce_type", Value: []byte("order.placed.v1")},
				{Key: "ce_subject", Value: []byte("größer")}, {Key: "content-type", Value: []byte("application/json")},
			},
		}, func(_ *kgo.Record, err error) { done <- err })
		return <-done
	})
}
