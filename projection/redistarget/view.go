package redistarget

import "context"

// A View is which builds readers see, as of one moment: the same for all tables. It
// is good for one request. The keys of a build that was replaced stay for the grace
// time of its projection, so that what has begun can be finished.
type View struct {
	prefix string
	names  map[string]string
}

// View returns which builds readers see now. It costs one round trip. Targets are
// cheap: a service that only reads makes one over its own client, with the same
// Options.
func (t *Target) View(ctx context.Context) (View, error) {
	names, err := t.client.HGetAll(ctx, t.pointers()).Result()
	if err != nil {
		return View{}, because(ctx, "read which builds are published", err)
	}
	return View{t.prefix, names}, nil
}

// Name is what a table is called in the build that readers see: "balance_b2" for
// "balance", or the plain name where nothing was ever published.
func (v View) Name(table string) string {
	if name, ok := v.names[table]; ok {
		return name
	}
	return table
}

// Key is the key of a row of a table, by the table's plain name, as [Target.Key]
// makes it for the build that readers see.
func (v View) Key(table string, id ...string) string { return keyOf(v.prefix, v.Name(table), id) }
