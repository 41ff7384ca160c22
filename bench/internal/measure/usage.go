package measure

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// CPU is the processor time, user and system, that this process has used.
func CPU() (time.Duration, error) {
	var r unix.Rusage
	err := unix.Getrusage(unix.RUSAGE_SELF, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano()), err
}

// FamilyCPU is the processor time of a process and of its children that still
// run, in steps of 10 ms.
func FamilyCPU(pid int) (sum time.Duration, err error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return 0, err
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
		sum += s.cpu
	}
	return sum, nil
}

// Parent is the parent of a process, which must have the given name: a number
// that came from another machine or container means nothing here.
func Parent(pid int, name string) (int, error) {
	s, err := readStat(pid)
	if err == nil && s.name != name {
		err = fmt.Errorf("measure: process %d is %s, not %s", pid, s.name, name)
	}
	return s.parent, err
}

type stat struct {
	name   string
	parent int
	cpu    time.Duration
}

// readStat reads /proc/PID/stat, whose fields proc(5) numbers. The second, the
// name, may hold blanks, so counting begins after its closing parenthesis.
func readStat(pid int) (s stat, err error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return stat{}, err
	}
	line := string(b)
	open, end := strings.IndexByte(line, '('), strings.LastIndexByte(line, ')')
	fields := strings.Fields(line[end+1:])
	if open < 0 || end < open || len(fields) < 13 {
		return stat{}, fmt.Errorf("measure: /proc/%d/stat is not understood", pid)
	}
	s.name = line[open+1 : end]
	s.parent, _ = strconv.Atoi(fields[1])
	for _, f := range fields[11:13] { // utime, stime
		ticks, _ := strconv.ParseInt(f, 10, 64)
		s.cpu += time.Duration(ticks) * 10 * time.Millisecond
	}
	return s, nil
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
