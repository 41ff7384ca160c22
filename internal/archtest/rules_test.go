package archtest

// A rule says what some packages may import besides the standard library.
//
// A pattern is a folder of the project, where "." is the root package, or the
// path of a package of somebody else's. Ending in "/..." it means that and
// everything below, and "..." alone everything. A pattern that begins with "!"
// takes back what those before it allow. Packages may always import what lies
// below their own pattern.
type rule struct {
	packages string
	may      []string
	because  string
}

// rules is the table. The first row that fits a package counts, and a package
// that fits none is an error: whoever adds one says here where it belongs.
var rules = []rule{
	{".", nil, "whoever needs the words of the contract gets nothing else with them"},
	{"storetest", []string{".", "github.com/anishathalye/porcupine"}, "a kit that knew an engine would hold the others to that engine's habits"},
	{"codec/...", []string{".", "google.golang.org/protobuf/..."}, "how an event is encoded has nothing to do with where it is stored"},
	{"decider/...", []string{".", "codec"}, "a decision must not know which store it runs on"},
	{"projection/...", []string{".", "codec"}, "a read model is folded from any store"},
	{"group/...", []string{"."}, "a group keeps its progress in the store it reads"},
	{"broker/...", []string{".", "codec", "group", "projection"}, "integration events leave a service through a mapping, whatever its store"},
	{"saga/...", []string{".", "codec", "decider"}, "a process manager decides, and so knows what a decider knows"},
	{"engine/...", []string{".", "internal/...", "!internal/vetrange/...", "github.com/cockroachdb/pebble/v2/...", "golang.org/x/sys/..."}, "an engine keeps the contract and knows nothing of those who use it"},
	{"client/...", []string{".", "internal/proto/...", "google.golang.org/..."}, "a client is a store to those who use it, and opens none"},
	{"server/...", []string{".", "codec", "group", "projection", "internal/proto/...", "google.golang.org/..."}, "a server is given a store, so that it can serve any"},
	{"internal/vetrange/...", []string{"golang.org/x/tools/..."}, "an analyzer reads source code and needs no store"},
	{"internal/archtest", nil, "it reads the others as text"},
	{"internal/...", []string{".", "internal/...", "github.com/cockroachdb/pebble/v2/...", "golang.org/x/sys/..."}, "what only engines need knows the contract at most"},
	{"cmd/...", []string{"...", "!examples/...", "!storetest"}, "a program chooses an engine and may use everything but the examples and the kits"},
	{"examples/...", []string{"...", "!internal/...", "!cmd/...", "!storetest"}, "an example uses what its readers can use"},
	{"bench/...", []string{"...", "!cmd/...", "!storetest"}, "the benchmarks link the peers, which is why they are a module of their own"},
}

// kits are the packages that help to test something and so may import testing.
// They are linked into tests only.
var kits = []string{"storetest", "decider/decidertest", "projection/targettest", "broker/brokertest"}

// meaningless are names that do not say what a package holds.
var meaningless = []string{"util", "utils", "common", "helper", "helpers", "manager", "core", "types", "pkg", "misc", "shared", "base"}
