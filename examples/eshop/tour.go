package main

import (
	"cmp"
	"fmt"
	"strings"
)

// tour says what to open and what to try.
func (p *program) tour(g *ground, shop string) string {
	window := cmp.Or(g.Window, "the web UI of "+p.server)
	server := strings.TrimSuffix(strings.TrimPrefix(window, "http://"), "/ui")
	text := fmt.Sprintf(`
The shop is open      %s
The window on it      %s
(ctrl-C ends both in good order; the next start goes on)

Try this
  1  Put something into the basket and check out. The order's page shows how far it
     is, live: paid, validated, allocated. Nobody polls, and no service calls another.
  2  Follow "Its stream in the window" there, then an event: the drawing shows what led
     to what, from checkout to allocation, across all services.
  3  "As it was then", on the order's page: each event, and the order after it.
  4  %[1]s/failures: let payments fail, or be slow, or the warehouse close,
     and order again. What was done is made good: money back, goods back on the shelf.
  5  Kill this process in the middle, with kill -9, and start it again: the orders
     go on where they were. Then audit money and stock, from the log alone:

       go run ./examples/eshop check --store %[3]s
`, shop, window, p.store)
	if g.Window != "" {
		text += fmt.Sprintf(`
From a shell, in the checkout, while it is open
  go run ./cmd/cairn read order-ID --server 'cairn://%[2]s?tls=false'
  go run ./cmd/cairn saga list     --server 'cairn://%[2]s?tls=false'
  go run ./cmd/cairn group list    --server 'cairn://%[2]s?tls=false'
  go run ./examples/eshop check    --server 'cairn://%[2]s?tls=false'
  curl 'http://%[2]s/api/v1/events?backward=true&limit=3'
  curl -N '%[1]s/orders/ID/live'        the status of an order as it changes

`, shop, server)
	}
	return text
}
