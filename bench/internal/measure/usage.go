package measure

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Usage is what processes have used since they began.
type Usage struct {
	CPU     time.Duration // user and system time
	Written int64         // bytes sent to the storage layer
}

// Sub is the usage since an earlier one.
func (u Usage) Sub(earlier Usage) Usage {
	return Usage{CPU: u.CPU - earlier.CPU, Written: u.Written - earlier.Written}
}

// Add sums the usage of different processes.
func (u Usage) Add(other Usage) Usage {
	return Usage{CPU: u.CPU + other.CPU, Written: u.Written + other.Written}
}

// Self is what this process has used.
func Self() (Usage, error) {
	var r unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &r); err != nil {
		return Usage{}, err
	}
	written, err := written("self")
	return Usage{CPU: time.Duration(r.Utime.Nano() + r.Stime.Nano()), Written: written}, err
}

// Family is what a process and its children that still run have used, in ticks
// of 10 ms. It needs the right to read their /proc/PID/io.
func Family(pid int) (sum Usage, err error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return Usage{}, err
	}
	for _, e := range entries {
		child, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		s, err := readStat(child)
		if err != nil || child != pid && s.parent != pid {
			continue // it has ended meanwhile, or belongs to somebody else
		}
		if s.usage.Written, err = written(e.Name()); err != nil {
			return Usage{}, err
		}
		sum = sum.Add(s.usage)
	}
	return sum, nil
}

// Parent is the parent of a process.
func Parent(pid int) (int, error) {
	s, err := readStat(pid)
	return s.parent, err
}

type stat struct {
	parent int
	usage  Usage
}

// readStat reads /proc/PID/stat, whose fields proc(5) numbers. The second, the
// name, may hold blanks, so counting begins after its closing parenthesis.
func readStat(pid int) (s stat, err error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return stat{}, err
	}
	line := string(b)
	fields := strings.Fields(line[strings.LastIndexByte(line, ')')+1:])
	if len(fields) < 13 {
		return stat{}, fmt.Errorf("measure: /proc/%d/stat has %d fields", pid, len(fields))
	}
	s.parent, _ = strconv.Atoi(fields[1])
	for _, f := range fields[11:13] { // utime, stime
		ticks, _ := strconv.ParseInt(f, 10, 64)
		s.usage.CPU += time.Duration(ticks) * 10 * time.Millisecond
	}
	return s, nil
}

// written is what a process has caused to be written to storage, less what was
// dropped before it was.
func written(pid string) (int64, error) {
	counts, err := keyed("/proc/" + pid + "/io")
	return counts["write_bytes"] - counts["cancelled_write_bytes"], err
}

// keyed reads a file of lines such as "VmRSS:   123 kB".
func keyed(path string) (map[string]int64, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	values := map[string]int64{}
	for line := range strings.Lines(string(b)) {
		key, rest, _ := strings.Cut(line, ":")
		if fields := strings.Fields(rest); len(fields) > 0 {
			values[key], _ = strconv.ParseInt(fields[0], 10, 64)
		}
	}
	return values, nil
}
