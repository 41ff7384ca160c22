package cli

import (
	"time"

	"github.com/schollz/progressbar/v3"
)

// A meter shows how far a command has come, on a terminal only.
type meter struct {
	bar  *progressbar.ProgressBar // nil if nobody sees it
	what string
}

// newMeter measures bytes or something else up to a total; below zero the
// total is unknown.
func (c *console) newMeter(what string, total int64, bytes bool) *meter {
	if !c.errTerminal {
		return &meter{}
	}
	options := []progressbar.Option{
		progressbar.OptionSetWriter(c.err),
		progressbar.OptionSetDescription(what),
		progressbar.OptionSetWidth(max(min(c.errWidth, 96)-66, 10)),
		progressbar.OptionSetTheme(progressbar.Theme{Saucer: "━", SaucerHead: "━", SaucerPadding: "─"}),
		progressbar.OptionShowCount(),
		progressbar.OptionShowBytes(bytes),
		progressbar.OptionUseIECUnits(bytes),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionThrottle(100 * time.Millisecond),
		progressbar.OptionSetSpinnerChangeInterval(0), // no goroutine
		progressbar.OptionClearOnFinish(),
	}
	if !bytes {
		options = append(options, progressbar.OptionShowIts(), progressbar.OptionSetItsString("events"))
	}
	return &meter{progressbar.NewOptions64(total, options...), what}
}

// reach shows that n of the total are done. What it cannot show does not
// matter.
func (m *meter) reach(n int64) {
	if m.bar != nil {
		_ = m.bar.Set64(n)
	}
}

// note says something more beside the meter.
func (m *meter) note(s string) {
	if m.bar != nil {
		m.bar.Describe(m.what + " " + s)
	}
}

// done takes the meter away, so that what follows stands where it was.
func (m *meter) done() {
	if m.bar != nil {
		_ = m.bar.Exit()
		_ = m.bar.Clear()
	}
}
