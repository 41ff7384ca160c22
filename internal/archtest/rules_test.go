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
	{"projection", []string{".", "codec"}, "a read model is folded from any store"},
	{"projection/memtarget", []string{"projection"}, "memory needs no client"},
	{"projection/sqltarget", []string{".", "projection", "github.com/go-sql-driver/mysql"}, "one kind of database, one client; errors of MySQL's can be told apart by its own type only"},
	{"projection/pgxtarget", []string{"projection", "projection/sqltarget", "github.com/jackc/pgx/v5/..."}, "one kind of database, one client"},
	{"projection/redistarget", []string{".", "projection", "github.com/redis/go-redis/v9/..."}, "one kind of database, one client"},
	{"projection/mongotarget", []string{".", "projection", "go.mongodb.org/mongo-driver/v2/..."}, "one kind of database, one client"},
	{"projection/searchtarget", []string{".", "projection"}, "HTTP needs no client, and one made for Elasticsearch refuses OpenSearch"},
	{"projection/filetarget", []string{".", "projection", "github.com/parquet-go/parquet-go/..."}, "files need no database"},
	{"projection/declared", []string{".", "projection", "projection/sqltarget", "cel.dev/cel-go/...", "go.yaml.in/yaml/v3", "google.golang.org/protobuf/..."}, "a projection written down is a projection like any other"},
	{"projection/targettest", []string{".", "projection"}, "a kit that knew a database would hold the others to its habits"},
	{"component", []string{"."}, "what a part of a system is, is noted in any store, and read by whoever draws it"},
	{"group/...", []string{".", "component"}, "a group keeps its progress in the store it reads"},
	{"broker", []string{".", "codec", "component", "group", "tracing", "github.com/cloudevents/sdk-go/v2/...", "go.opentelemetry.io/..."}, "integration events leave a service through a mapping, whatever its store and broker"},
	{"broker/nats", []string{"broker", "broker/internal/...", "github.com/cloudevents/sdk-go/v2/...", "github.com/nats-io/nats.go/..."}, "one broker, one client: who uses another links nothing of this one"},
	{"broker/kafka", []string{"broker", "broker/internal/...", "github.com/cloudevents/sdk-go/v2/...", "github.com/twmb/franz-go/..."}, "one broker, one client"},
	{"broker/internal/...", []string{"broker"}, "what subscribers have in common knows none of them"},
	{"broker/rabbitmq", []string{"broker", "broker/internal/calls", "broker/internal/lane", "github.com/cloudevents/sdk-go/v2/...", "github.com/rabbitmq/amqp091-go"}, "one broker, one client"},
	{"broker/mqtt", []string{"broker", "broker/internal/calls", "broker/internal/lane", "github.com/cloudevents/sdk-go/v2/...", "github.com/eclipse/paho.golang/..."}, "one broker, one client"},
	{"broker/webhook", []string{"broker", "broker/internal/calls", "broker/internal/lane", "github.com/cloudevents/sdk-go/v2/...", "github.com/sony/gobreaker/v2", "github.com/standard-webhooks/standard-webhooks/libraries/go"}, "HTTP needs no client of a broker"},
	{"broker/watermill", []string{"broker", "broker/internal/lane", "github.com/cloudevents/sdk-go/v2/...", "github.com/ThreeDotsLabs/watermill/..."}, "a thin bridge to what others have built on watermill"},
	{"broker/log", []string{".", "broker", "broker/internal/calls", "component", "group", "tracing", "github.com/cloudevents/sdk-go/v2/..."}, "a log is a broker for those who share it"},
	{"broker/asyncapi", []string{".", "broker", "go.yaml.in/yaml/v3"}, "a contract is described from what is registered, not from what is published"},
	{"broker/brokertest", []string{".", "broker", "group/...", "github.com/cloudevents/sdk-go/v2/..."}, "a kit that knew a broker would hold the others to its habits"},
	{"inbox/...", []string{".", "broker", "github.com/cloudevents/sdk-go/v2/..."}, "what arrives is handled once, whatever carried it"},
	{"timer/...", []string{"."}, "a timer is an event that is still to come, in any store"},
	{"saga/...", []string{".", "codec", "component", "decider", "group", "timer"}, "a process manager decides, and so knows what a decider knows, and waits"},
	{"metrics", []string{".", "broker", "group", "inbox", "projection", "saga", "timer", "github.com/prometheus/..."}, "what reacts is measured by hooks, and links no metrics of its own"},
	{"engine/...", []string{".", "internal/...", "!internal/vetrange/...", "github.com/cockroachdb/pebble/v2/...", "golang.org/x/sys/..."}, "an engine keeps the contract and knows nothing of those who use it"},
	{"client/...", []string{".", "internal/proto/...", "google.golang.org/..."}, "a client is a store to those who use it, and opens none"},
	{"tracing", []string{".", "go.opentelemetry.io/..."}, "a program that is traced hands its context on through any store"},
	{"server/ui/diskui", []string{"engine/disk", "server/ui"}, "one engine, one package that knows it: a window that serves any store links none"},
	{"server/...", []string{".", "codec", "component", "group", "metrics", "projection", "saga", "timer", "tracing", "internal/proto/...", "internal/ndjson", "internal/importer", "google.golang.org/...", "github.com/kurrent-io/KurrentDB-Client-Go/protos/...", "golang.org/x/net/...", "golang.org/x/text/...", "github.com/dlclark/regexp2/...", "github.com/prometheus/...", "go.opentelemetry.io/...", "github.com/rs/cors"}, "a server is given a store, so that it can serve any"},
	{"cairntest", []string{".", "engine/disk", "server/...", "client/..."}, "a test wants a server in one line, over the engine in memory"},
	{"internal/proto/wire", []string{".", "internal/proto/...", "google.golang.org/..."}, "the bytes of a message and the words of the contract meet in one place, for client and server"},
	{"internal/proto/...", []string{"google.golang.org/...", "github.com/kurrent-io/KurrentDB-Client-Go/protos/..."}, "generated code knows what generated it, and the messages it shares"},
	{"internal/vetrange/...", []string{"golang.org/x/tools/..."}, "an analyzer reads source code and needs no store"},
	{"internal/archtest", nil, "it reads the others as text"},
	{"internal/...", []string{".", "internal/...", "github.com/cockroachdb/pebble/v2/...", "golang.org/x/sys/..."}, "what only engines need knows the contract at most"},
	{"cmd/...", []string{"...", "!examples/...", "!storetest"}, "a program chooses an engine and may use everything but the examples and the kits"},
	{"examples/...", []string{"...", "!internal/...", "!cmd/...", "!storetest"}, "an example uses what its readers can use"},
	{"compat/mongodb", []string{".", "engine/disk", "projection/...", "examples/eshop/reviews/...", "github.com/FerretDB/FerretDB/...", "go.mongodb.org/mongo-driver/v2/..."}, "a database to test against that would burden go.mod, in a module of its own"},
	{"compat/...", nil, "what tests the command as its users have it needs nothing of its insides"},
	{"bench/...", []string{"...", "!cmd/...", "!storetest"}, "the benchmarks link the peers, which is why they are a module of their own"},
}

// kits are the packages that help to test something and so may import testing.
// They are linked into tests only.
var kits = []string{"storetest", "decider/decidertest", "projection/targettest", "group/grouptest", "broker/brokertest", "saga/sagatest", "timer/timertest", "cairntest", "examples/eshop/platform/platformtest", "examples/eshop/reviews/reviewstest"}

// meaningless are names that do not say what a package holds.
var meaningless = []string{"util", "utils", "common", "helper", "helpers", "manager", "core", "types", "pkg", "misc", "shared", "base"}
