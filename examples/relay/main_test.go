package main

import (
	"context"
	"regexp"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	var out strings.Builder
	if err := run(context.Background(), &out, false); err != nil {
		t.Fatal(err)
	}
	const want = `held: broker: memory did not take event … for "orders": the line is cut
the broker is back
published: order.placed of order-1 as com.example.order.placed.v1
not published: order.noted of order-1, broker: the event is not mapped
published: order.placed of order-2 as com.example.order.placed.v1
published: order.cancelled of order-1 as com.example.order.cancelled.v1
billing: order-1 owes 1250 cents
billing: order-2 owes 300 cents
billing: order-1 owes nothing
`
	got := regexp.MustCompile(`[0-9a-f-]{36}\.0`).ReplaceAllString(out.String(), "…")
	if sorted(got) != sorted(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if strings.Contains(got, "4111") {
		t.Error("a card has leaked")
	}
}

// sorted is the text with the lines about different orders side by side: only
// those of one order come one after the other.
func sorted(text string) string {
	var all strings.Builder
	for _, about := range []string{"order-1", "order-2", "broker"} {
		for line := range strings.Lines(text) {
			if strings.Contains(line, about) {
				all.WriteString(line)
			}
		}
	}
	return all.String()
}

func TestDocument(t *testing.T) {
	var out strings.Builder
	if err := run(context.Background(), &out, true); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"asyncapi: 3.0.0", "com.example.order.cancelled.v1", "description: In cents.", "address: orders"} {
		if !strings.Contains(out.String(), s) {
			t.Errorf("the document does not say %q", s)
		}
	}
}
