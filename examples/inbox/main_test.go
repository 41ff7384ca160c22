package main

import (
	"context"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	var out strings.Builder
	if err := run(context.Background(), &out); err != nil {
		t.Fatal(err)
	}
	const want = `a dead letter: order-3-placed was said before, with other content
12 deliveries of 11 messages, 6 of something that was handled before
invoice-of-order-1: {"total":10}
invoice-of-order-2: {"total":20}
invoice-of-order-3: {"total":30}
invoice-of-order-4: {"total":40}
invoice-of-order-5: {"total":50}
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}
