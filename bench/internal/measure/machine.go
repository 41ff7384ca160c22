package measure

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// A Machine is what a benchmark ran on.
type Machine struct {
	CPU        string            `json:"cpu"`
	Cores      int               `json:"cores"`
	Memory     int64             `json:"memory"` // bytes
	Kernel     string            `json:"kernel"`
	FileSystem string            `json:"file_system"` // and its mount options
	Go         string            `json:"go"`
	Load       string            `json:"load"` // averages when it began
	Time       time.Time         `json:"time"`
	Modules    map[string]string `json:"modules"` // versions of what was linked
}

// ThisMachine describes the machine, for work in the given directory. What
// cannot be found out is left empty.
func ThisMachine(dir string) Machine {
	memory, _ := keyed("/proc/meminfo")
	load, _ := os.ReadFile("/proc/loadavg")
	return Machine{
		CPU:        cpuModel(),
		Cores:      runtime.NumCPU(),
		Memory:     memory["MemTotal"] << 10,
		Kernel:     kernel(),
		FileSystem: fileSystem(dir),
		Go:         runtime.Version(),
		Load:       strings.Join(firstFields(string(load), 3), " "),
		Time:       time.Now().UTC().Truncate(time.Second),
		Modules:    modules(),
	}
}

func firstFields(s string, n int) []string {
	fields := strings.Fields(s)
	return fields[:min(n, len(fields))]
}

func cpuModel() string {
	b, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(b)) {
		if key, value, _ := strings.Cut(line, ":"); strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

func kernel() string {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return ""
	}
	text := func(b []byte) string { return string(bytes.TrimRight(b, "\x00")) }
	return text(u.Sysname[:]) + " " + text(u.Release[:])
}

// fileSystem finds the mount with the longest path that holds dir.
func fileSystem(dir string) (found string) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	longest := 0
	b, _ := os.ReadFile("/proc/self/mounts")
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line) // device, path, type, options
		if len(f) >= 4 && len(f[1]) >= longest && within(dir, f[1]) {
			longest, found = len(f[1]), f[2]+" ("+f[3]+")"
		}
	}
	return found
}

func within(dir, parent string) bool {
	return dir == parent || strings.HasPrefix(dir, strings.TrimSuffix(parent, "/")+"/")
}

func modules() map[string]string {
	versions := map[string]string{}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			versions[m.Path] = m.Version
		}
	}
	return versions
}
