package projection

import "time"

// A window is what builds had applied at some moments of the last half minute.
type window struct {
	moments []moment
}

// A moment is how many events each build had applied, by number.
type moment struct {
	at      time.Time
	applied map[int]uint64
}

const windowLength = 30 * time.Second

// rate notes what a status says and adds rates and times of arrival to it.
func (w *window) rate(s *Status) {
	now := moment{s.At, map[int]uint64{}}
	for i := range s.Builds {
		now.applied[s.Builds[i].Build] = s.Builds[i].Applied
	}
	w.moments = append(w.moments, now)
	for len(w.moments) > 2 && s.At.Sub(w.moments[1].at) >= windowLength {
		w.moments = w.moments[1:]
	}
	for i := range s.Builds {
		w.rateOf(&s.Builds[i], s.At)
	}
}

// rateOf is about one build, since the first moment at which it was there.
func (w *window) rateOf(b *BuildStatus, now time.Time) {
	for _, m := range w.moments {
		first, there := m.applied[b.Build]
		took := now.Sub(m.at)
		if !there || took <= 0 || b.Applied < first {
			continue
		}
		b.Rate = float64(b.Applied-first) / took.Seconds()
		if b.Rate > 0 && b.Lag > 0 && b.Phase == Building {
			b.ETA = now.Add(time.Duration(float64(b.Lag) / b.Rate * float64(time.Second)))
		}
		return
	}
}
