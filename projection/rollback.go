package projection

import "context"

// Rollback shows readers the build again that they saw before. It is a [Switch],
// with the same promises and errors, and takes a moment if that build was kept up
// to date: by the program of its version that still runs, or by one that was given
// it as an old one by [Deploy]. The build that readers are taken from is kept, up
// to date and without a time limit, and Deploy does not switch to it again by
// itself; Switch or another Rollback do. A projection of which no other build is
// left is an [ErrUnknown].
func Rollback(ctx context.Context, log Log, publisher Publisher, name string, o *SwitchOptions) error {
	if err := checkName("name", name); err != nil {
		return err
	}
	d, _, err := loadDeployment(ctx, publisher, placeOf(name))
	if err != nil {
		return err
	}
	if b, ok := d.build(d.Previous); !ok || b.Phase == Dropping {
		return nothing(name, "there is no build left that readers saw before")
	}
	return Switch(ctx, log, publisher, name, d.Previous, o)
}
