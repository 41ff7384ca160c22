package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/cairndb/cairn/examples/eshop/platform/backing"
)

// needs are the services that the shop does not bring along.
func (s *settings) needs() (all []backing.Service) {
	const broker = "--broker-url"
	switch s.broker {
	case "rabbitmq":
		all = append(all, backing.RabbitMQ(cmp.Or(s.brokerURL, "amqp://guest:guest@127.0.0.1:5672/"), broker))
	case "nats":
		all = append(all, backing.NATS(cmp.Or(s.brokerURL, "nats://127.0.0.1:4222"), broker))
	case "kafka":
		all = append(all, backing.Kafka(cmp.Or(s.brokerURL, "127.0.0.1:9092"), broker))
	}
	if isPostgres(s.readModels) {
		all = append(all, backing.PostgreSQL(s.readModels, "--read-models"))
	}
	if s.baskets != "" {
		all = append(all, backing.Redis(s.baskets, "--baskets"))
	}
	if s.reviews != "" {
		all = append(all, backing.MongoDB(s.reviews, "--reviews"))
	}
	return all
}

// find looks whether all are there, before anything is opened.
func (s *settings) find(ctx context.Context) ([]backing.Finding, error) {
	if err := checkSpace(s.space); err != nil {
		return nil, err
	}
	return backing.Find(ctx, s.needs()...)
}

// sayFound says what the shop stands on.
func (p *program) sayFound(found []backing.Finding) {
	for i, f := range found {
		fmt.Fprintf(p.out, "%s %s\n", [2]string{"Found", "     "}[min(i, 1)], f)
	}
}

func isPostgres(url string) bool {
	return strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://")
}
