package projection

import (
	"fmt"
	"slices"
)

// troubled is a copy that says why builds do not move.
func (s Status) troubled(all map[int]trouble) Status {
	s.Builds = slices.Clone(s.Builds)
	for i := range s.Builds {
		b := &s.Builds[i]
		b.Error, b.Down = "", false
		if t, ok := all[b.Build]; ok {
			b.Error, b.Down = brief(t.err), t.down
		}
	}
	return s
}

// brief is what an error says, within limits.
func brief(err error) string { return fmt.Sprintf("%.4000s", err.Error()) }

// same reports whether two statuses tell the same of how far builds are. The head
// of the log does not count, as reports move it themselves.
func (s *Status) same(other *Status) bool {
	return s.Active == other.Active && s.Previous == other.Previous &&
		slices.EqualFunc(s.Builds, other.Builds, func(a, b BuildStatus) bool { return a.same(&b) })
}

func (b *BuildStatus) same(other *BuildStatus) bool {
	return b.Build == other.Build && b.Version == other.Version && b.Phase == other.Phase &&
		b.Lag == other.Lag && b.Applied == other.Applied && b.Rate == other.Rate &&
		b.Parked == other.Parked && b.ParkedKeys == other.ParkedKeys && b.Skipped == other.Skipped &&
		b.Error == other.Error && b.Down == other.Down &&
		b.Leveled.Equal(other.Leveled) && b.DropAt.Equal(other.DropAt)
}
