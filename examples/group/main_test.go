package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/cairndb/cairn/cairntest"
)

const story = `parked order-4 after 3 attempts: the customer has no address
mailed about 15 events of the other 5 orders, in order: true
parked: order-4, 3 events, because the customer has no address
the address is there now: replaying
mailed about 18 events, in order: true; nothing is parked
order-4 flows again
`

func TestStory(t *testing.T) {
	for name, server := range map[string]func() string{
		"memory": func() string { return "" },
		"server": func() string { return cairntest.Start(t).Cairn() },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			var out strings.Builder
			if err := run(ctx, server(), &out); err != nil || out.String() != story {
				t.Errorf("%v\n%s", err, out.String())
			}
		})
	}
}
