package disk

import (
	"fmt"
)

// sizes are how many bytes of the segments are in use when the log ends at end,
// and how many the files take on the disk.
func (l *segments) sizes(end address) (used, disk int64, err error) {
	for _, s := range l.all() {
		info, err := l.fs.Stat(s.path)
		if err != nil {
			return 0, 0, fmt.Errorf("disk: %w", err)
		}
		disk += onDisk(info)
		if s.ordinal > 0 {
			n, err := l.previous(s)
			if err != nil {
				return 0, 0, err
			}
			used += n
		}
	}
	_, last := split(end)
	return used + last, disk, nil
}

// previous is how many bytes of the segment before s are in use.
func (l *segments) previous(s *segment) (int64, error) {
	if s.before.Load() == 0 {
		if err := l.pin(s); err != nil {
			return 0, err
		}
		s.unpin()
	}
	return int64(s.before.Load()), nil
}
