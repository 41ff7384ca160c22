package backing_test

import (
	"cmp"
	"errors"
	"net"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/cairndb/cairn/examples/eshop/platform/backing"
	"github.com/cairndb/cairn/examples/eshop/platform/platformtest"
)

// TestFound: each says which version it is.
func TestFound(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	for _, s := range []backing.Service{
		backing.RabbitMQ(cmp.Or(os.Getenv("CAIRN_AMQP_URL"), "amqp://guest:guest@127.0.0.1:5672/"), ""),
		backing.PostgreSQL(platformtest.PostgresURL(), ""),
		backing.Redis("redis://"+platformtest.RedisAddress()+"/0", ""),
		backing.NATS(cmp.Or(os.Getenv("CAIRN_NATS_URL"), "nats://127.0.0.1:4222"), ""),
		backing.Kafka(cluster.ListenAddrs()[0], ""),
	} {
		t.Run(s.Name, func(t *testing.T) {
			found, err := backing.Find(t.Context(), s)
			platformtest.Need(t, s.Name, err)
			if !regexp.MustCompile(`^` + s.Name + ` (between v)?\d.* at [\w.]+:\d+$`).MatchString(found[0].String()) {
				t.Errorf("%q", found[0])
			}
		})
	}
}

// TestMissing: all that are missing are named at once, with what to do, and no
// password is.
func TestMissing(t *testing.T) {
	const secret = "kept-to-itself"
	at := nobody(t)
	_, err := backing.Find(t.Context(),
		backing.RabbitMQ("amqp://guest:"+secret+"@"+at+"/", "--broker-url"),
		backing.PostgreSQL("postgres://postgres:"+secret+"@"+at+"/x?sslmode=disable", "--read-models"),
		backing.Redis("redis://:"+secret+"@"+at+"/0", "--baskets"),
		backing.NATS("nats://a:"+secret+"@"+at, "--broker-url"),
		backing.Redis("redis://%zz", "--baskets"),
	)
	if missing, ok := errors.AsType[*backing.MissingError](err); !ok || missing.Service.Name != "RabbitMQ" {
		t.Errorf("%v", err)
	}
	for _, want := range []string{
		"RabbitMQ does not answer at " + at, "rabbitmq-server -detached", "with --broker-url",
		"PostgreSQL does not answer at " + at, "pg_ctlcluster", "with --read-models",
		"Redis does not answer at " + at, "redis-server", "with --baskets", "NATS does not answer at " + at, "an address that cannot be read",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), secret) {
		t.Errorf("a password is in\n%v", err)
	}
}

// nobody is an address where nobody listens.
func nobody(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
