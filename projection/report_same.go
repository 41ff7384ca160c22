package projection

import (
	"fmt"
	"slices"
)

// troubled is a copy that says why builds do not move. Of those that do not run
// here, it is what was reported last, until they move.
func (s Status) troubled(all map[int]trouble, last *Status) Status {
	s.Builds = slices.Clone(s.Builds)
	for i := range s.Builds {
		b := &s.Builds[i]
		b.Error, b.Down = "", false
		if t, here := all[b.Build]; here && t.err != nil {
			b.Error, b.Down = brief(t.err), t.down
		} else if !here && last != nil {
			b.inherit(last)
		}
	}
	return s
}

func (b *BuildStatus) inherit(last *Status) {
	if was, ok := last.Build(b.Build); ok && was.Applied == b.Applied {
		b.Error, b.Down = was.Error, was.Down
	}
}

// brief is what an error says, within limits.
func brief(err error) string { return fmt.Sprintf("%.4000s", err.Error()) }

// same reports whether two statuses tell the same of how far builds are. The head
// of the log does not count, as reports move it themselves.
func (s *Status) same(other *Status) bool {
	return s.Active == other.Active && s.Previous == other.Previous && s.Attended == other.Attended &&
		slices.EqualFunc(s.ParkedFirst, other.ParkedFirst, func(a, b ParkedKey) bool { return a.same(&b) }) &&
		slices.EqualFunc(s.Builds, other.Builds, func(a, b BuildStatus) bool { return a.same(&b) })
}

func (b *BuildStatus) same(other *BuildStatus) bool {
	return b.Build == other.Build && b.Version == other.Version && b.Phase == other.Phase &&
		sameLag(b.Lag, other.Lag) && b.Applied == other.Applied && b.Rate == other.Rate &&
		b.Parked == other.Parked && b.ParkedKeys == other.ParkedKeys && b.Skipped == other.Skipped &&
		b.Error == other.Error && b.Down == other.Down &&
		b.Leveled.Equal(other.Leveled) && b.DropAt.Equal(other.DropAt)
}

// sameLag reports whether a build is about as far behind. Where its events are too
// many to be counted the reports may be among them, and must be no news themselves.
func sameLag(a, b int64) bool {
	return a == b || min(a, b) >= near && max(a, b)-min(a, b) < near/8
}
