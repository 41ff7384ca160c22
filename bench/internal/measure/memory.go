package measure

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// Memory is what this process occupies, in bytes.
type Memory struct {
	RSS  int64 `json:"rss"`  // now
	Peak int64 `json:"peak"` // at most so far
	Heap int64 `json:"heap"` // live objects of Go
}

// Settled collects garbage, gives free memory back and reads what is left.
func Settled() (Memory, error) {
	runtime.GC()
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	values, err := keyed("/proc/self/status")
	return Memory{RSS: values["VmRSS"] << 10, Peak: values["VmHWM"] << 10, Heap: int64(m.HeapAlloc)}, err
}

// Resident is how many bytes of memory a process occupies.
func Resident(pid int) (int64, error) {
	status, err := keyed(fmt.Sprintf("/proc/%d/status", pid))
	return status["VmRSS"] << 10, err
}
