package projection

import "time"

// DeployOptions are the settings of [Deploy]. The zero value is right for most.
type DeployOptions struct {
	// Options are those of the runners.
	Options

	// Manual leaves the switch to somebody else: [Switch], or the command line.
	// The build is loaded, completed and kept up to date until then.
	Manual bool

	// Grace is how long the builds before the new one are kept after the switch.
	// Zero means 1 h; below zero they are kept until somebody drops them.
	Grace time.Duration
}

// switching is how Deploy itself switches.
func (o *DeployOptions) switching() SwitchOptions {
	s := SwitchOptions{Within: switchWithin, Grace: o.Grace}
	return s.given()
}
