package vitals

// A Figure is one of those that a sample has.
type Figure int

// The figures. Rates are by the second.
const (
	Head         Figure = iota // position of the last event
	Written                    // events stored
	WrittenBytes               // bytes of data and metadata stored
	Writes                     // writes, as callers ask for them
	Syncs                      // groups of writes that the engine synced at once
	Read                       // events read, by followers too
	ReadBytes                  // bytes of their data and metadata
	Median                     // seconds within which half of the writes were answered
	Slowest                    // seconds within which 99 of 100 writes were
	Connections                // open ones
	Followers                  // readers that wait for more
	Calls                      // calls and requests that have not ended, followers too
	CPU                        // cores that the process keeps busy
	Memory                     // bytes of it that are in memory
	Errors                     // errors that want an operator
	Figures                    // how many there are
)

// names are those that a page knows figures by.
var names = [Figures]string{
	"head", "written", "written_bytes", "writes", "syncs", "read", "read_bytes", "median", "slowest",
	"connections", "followers", "calls", "cpu", "memory", "errors",
}

// String is the name that a page knows the figure by.
func (f Figure) String() string {
	if f < 0 || f >= Figures {
		return "unknown"
	}
	return names[f]
}
