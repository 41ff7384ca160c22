package projection

import "context"

// Lanes reads the checkpoints of a build.
func Lanes(ctx context.Context, l Ledger, name string, build int) (all []Checkpoint, err error) {
	found, err := loadCheckpoints(ctx, l, placeOf(name), build)
	for _, f := range found {
		all = append(all, f.Checkpoint)
	}
	return all, err
}
