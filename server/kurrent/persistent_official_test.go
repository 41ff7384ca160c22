package kurrent_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kurrent-io/KurrentDB-Client-Go/kurrentdb"
)

// answered is what a consumer gets next, and answers.
func answered(s *kurrentdb.PersistentSubscription, n int, answer func(*kurrentdb.ResolvedEvent) error) string {
	var lines []string
	for range n {
		e := s.Recv()
		if e.SubscriptionDropped != nil {
			return strings.Join(append(lines, e.SubscriptionDropped.Error.Error()), ", ")
		}
		lines = append(lines, resolvedLine(e.EventAppeared.Event)+strings.Repeat("+", e.EventAppeared.RetryCount))
		if err := answer(e.EventAppeared.Event); err != nil {
			lines = append(lines, err.Error())
		}
	}
	return strings.Join(lines, ", ")
}

// TestClientShares goes through the life of a persistent subscription.
func TestClientShares(t *testing.T) {
	c, ctx := newClient(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	add := func(stream string, from, n int) {
		t.Helper()
		_, err := c.AppendToStream(ctx, stream, kurrentdb.AppendToStreamOptions{}, some(from, n)...)
		must(err)
	}
	add("a-1", 1, 3)
	settings := kurrentdb.SubscriptionSettingsDefault()
	settings.ResolveLinkTos, settings.MaxRetryCount, settings.CheckpointLowerBound, settings.CheckpointUpperBound = true, 1, 1, 1
	must(c.CreatePersistentSubscription(ctx, "$ce-a", "g", kurrentdb.PersistentStreamSubscriptionOptions{StartFrom: kurrentdb.Start{}, Settings: &settings}))
	s, err := c.SubscribeToPersistentSubscription(ctx, "$ce-a", "g", kurrentdb.SubscribeToPersistentSubscriptionOptions{BufferSize: 1})
	must(err)
	ack := func(e *kurrentdb.ResolvedEvent) error { return s.Ack(e) }
	nack := func(a kurrentdb.NackAction) func(e *kurrentdb.ResolvedEvent) error {
		return func(e *kurrentdb.ResolvedEvent) error { return s.Nack("because", a, e) }
	}
	equal(t, "acknowledged", answered(s, 1, ack), "$ce-a/0>a-1/0")
	equal(t, "retried, and parked then", answered(s, 2, nack(kurrentdb.NackActionRetry)), "$ce-a/1>a-1/1, $ce-a/1>a-1/1+")
	equal(t, "skipped", answered(s, 1, nack(kurrentdb.NackActionSkip)), "$ce-a/2>a-1/2")
	add("a-2", 5, 1)
	equal(t, "parked", answered(s, 1, nack(kurrentdb.NackActionPark)), "$ce-a/3>a-2/0")
	for parked := int64(0); parked != 2; {
		info, err := c.GetPersistentSubscriptionInfo(ctx, "$ce-a", "g", kurrentdb.GetPersistentSubscriptionOptions{})
		must(err)
		parked = info.Stats.ParkedMessagesCount
	}
	must(c.ReplayParkedMessages(ctx, "$ce-a", "g", kurrentdb.ReplayParkedMessagesOptions{}))
	equal(t, "replayed", answered(s, 2, ack), "$persistentsubscription-$ce-a::g-parked/0>a-1/1, $persistentsubscription-$ce-a::g-parked/1>a-2/0")
	all, err := c.ListAllPersistentSubscriptions(ctx, kurrentdb.ListPersistentSubscriptionsOptions{})
	must(err)
	equal(t, "list", fmt.Sprint(len(all), all[0].EventSource, all[0].GroupName), "1$ce-ag")
	must(c.DeletePersistentSubscription(ctx, "$ce-a", "g", kurrentdb.DeletePersistentSubscriptionOptions{}))
	equal(t, "dropped", answered(s, 1, ack), "rpc error: code = Canceled desc = Subscription group g on stream $ce-a was dropped.")
}
