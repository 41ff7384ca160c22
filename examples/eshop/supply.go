package main

import (
	"context"
	"time"

	"github.com/cairndb/cairn/examples/eshop/inventory"
	"github.com/cairndb/cairn/examples/eshop/rest"
)

// The supplier comes so often, and fills up what has fewer than few.
const (
	supplyEvery = time.Minute
	few         = 5
	plenty      = 60
)

// supply fills the shelves now and then, as a crowd soon has bought everything. It
// asks like anybody else: by requests.
func supply(ctx context.Context, g *ground) {
	c := &rest.Client{Name: "inventory", URL: g.Network.URL("inventory"), HTTP: g.Network.Client()}
	ticker := time.NewTicker(supplyEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := fill(ctx, c); err != nil && ctx.Err() == nil {
			g.Logger.Warn("the supplier comes in vain", "err", err)
		}
	}
}

func fill(ctx context.Context, c *rest.Client) error {
	var all []inventory.Level
	if _, err := c.Do(ctx, "GET", "/stock", nil, &all); err != nil {
		return err
	}
	for _, l := range all {
		if l.Available >= few {
			continue
		}
		if _, err := c.Do(ctx, "PUT", "/stock/"+l.SKU, map[string]int{"quantity": plenty}, nil); err != nil {
			return err
		}
	}
	return nil
}
