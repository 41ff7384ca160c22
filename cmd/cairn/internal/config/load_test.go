package config

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// file writes a file and returns its path.
func file(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cairn.yaml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func load(t *testing.T, flags map[string]string, env ...string) *Loaded {
	t.Helper()
	l, err := Load(flags, env)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestPrecedence(t *testing.T) {
	path := file(t, "log-level: warn\nstore: from-file\n")
	everything := []string{"CAIRN_CONFIG=" + path, "EVENTSTORE_DB=from-old", "KURRENTDB_DB=from-new", "CAIRN_STORE=from-env"}
	for name, test := range map[string]struct {
		flags        map[string]string
		env          []string
		want, origin string
	}{
		"default":       {want: "cairn-data", origin: "default"},
		"file":          {env: everything[:1], want: "from-file", origin: path + ":2"},
		"an old name":   {env: everything[:2], want: "from-old", origin: "EVENTSTORE_DB"},
		"a new name":    {env: everything[:3], want: "from-new", origin: "KURRENTDB_DB"},
		"our name":      {env: everything, want: "from-env", origin: "CAIRN_STORE"},
		"flag":          {flags: map[string]string{"store": "from-flag"}, env: everything, want: "from-flag", origin: "--store"},
		"an empty name": {env: []string{"CAIRN_STORE="}, want: "cairn-data", origin: "default"},
		"another file":  {flags: map[string]string{"config": file(t, "store: other")}, env: everything[:1], want: "other"},
	} {
		t.Run(name, func(t *testing.T) {
			l := load(t, test.flags, test.env...)
			if l.Store != test.want || test.origin != "" && l.Origin("store") != test.origin {
				t.Errorf("got %q from %s, want %q from %s", l.Store, l.Origin("store"), test.want, test.origin)
			}
		})
	}
}

// TestForeign is about the environment of a container of KurrentDB.
func TestForeign(t *testing.T) {
	want := func(change func(*Config)) Config {
		c := Default()
		c.Listen = "0.0.0.0:2113"
		change(&c)
		return c
	}
	for name, test := range map[string]struct {
		env  []string
		want Config
	}{
		"nothing":     {[]string{"PATH=/bin", "EVENTSTORE_CONNECTION=x"}, Default()},
		"insecure":    {[]string{"KURRENTDB_INSECURE=true"}, want(func(c *Config) { c.Insecure = true })},
		"meaningless": {[]string{"EVENTSTORE_RUN_PROJECTIONS=All"}, want(func(*Config) {})},
		"port":        {[]string{"EVENTSTORE_NODE_PORT=2000"}, want(func(c *Config) { c.Listen = "0.0.0.0:2000" })},
		"old port":    {[]string{"EVENTSTORE_HTTP_PORT=2000"}, want(func(c *Config) { c.Listen = "0.0.0.0:2000" })},
		"both ports":  {[]string{"EVENTSTORE_HTTP_PORT=1", "EVENTSTORE_NODE_PORT=2"}, want(func(c *Config) { c.Listen = "0.0.0.0:2" })},
		"address":     {[]string{"EVENTSTORE_EXT_IP=::1", "KURRENTDB_NODE_PORT=2000"}, want(func(c *Config) { c.Listen = "[::1]:2000" })},
		"ours last":   {[]string{"KURRENTDB_NODE_PORT=2000", "CAIRN_LISTEN=:3"}, want(func(c *Config) { c.Listen = ":3" })},
		"memory":      {[]string{"KURRENTDB_MEM_DB=True"}, want(func(c *Config) { c.Memory = true })},
		"files": {[]string{"KURRENTDB_CERTIFICATE_FILE=a", "KURRENTDB_CERTIFICATE_PRIVATE_KEY_FILE=b", "KURRENTDB_TRUSTED_ROOT_CERTIFICATES_PATH=c"},
			want(func(c *Config) { c.TLSCert, c.TLSKey, c.TLSCA = "a", "b", "c" })},
		"advertised": {[]string{"KURRENTDB_ADVERTISE_HOST_TO_CLIENT_AS=h", "KURRENTDB_ADVERTISE_NODE_PORT_TO_CLIENT_AS=7"},
			want(func(c *Config) { c.AdvertiseHost, c.AdvertisePort = "h", 7 })},
		"passwords": {[]string{"KURRENTDB_DEFAULT_ADMIN_PASSWORD=a", "KURRENTDB_DEFAULT_OPS_PASSWORD=o"},
			want(func(c *Config) { c.Admin.Text, c.Ops.Text = "a", "o" })},
		"sizes": {[]string{"KURRENTDB_MAX_APPEND_SIZE=2097152", "KURRENTDB_MAX_APPEND_EVENT_SIZE=1048576"},
			want(func(c *Config) { c.MaxAppendSize, c.MaxAppendEventSize = 2<<20, 1<<20 })},
		"a size that is more than there can be": {[]string{"KURRENTDB_MAX_APPEND_SIZE=268435456"}, want(func(*Config) {})},
		"an event larger than an append":        {[]string{"KURRENTDB_MAX_APPEND_SIZE=2048"}, want(func(c *Config) { c.MaxAppendSize, c.MaxAppendEventSize = 2048, 2048 })},
		"log":                                   {[]string{"KURRENTDB_LOG_LEVEL=Verbose", "KURRENTDB_LOG_CONSOLE_FORMAT=Json"}, want(func(c *Config) { c.LogLevel, c.LogFormat = "debug", "json" })},
		"anonymous":                             {[]string{"EVENTSTORE_ALLOW_ANONYMOUS_STREAM_ACCESS=1"}, want(func(c *Config) { c.Anonymous = true })},
		"timeout":                               {[]string{"EVENTSTORE_WRITE_TIMEOUT_MS=1500"}, want(func(c *Config) { c.WriteTimeout = 1500 * time.Millisecond })},
	} {
		t.Run(name, func(t *testing.T) {
			if l := load(t, nil, test.env...); !reflect.DeepEqual(l.Config, test.want) {
				t.Errorf("got  %+v\nwant %+v", l.Config, test.want)
			}
		})
	}
}

func TestSortedOut(t *testing.T) {
	l := load(t, map[string]string{"config": file(t, "RunProjections: All\nNoSuch: 1\nClusterSize: 1\n")},
		"KURRENTDB_START_STANDARD_PROJECTIONS=true", "EVENTSTORE_ENABLE_ATOM_PUB_OVER_HTTP=1", "EVENTSTORE_CLUSTER_SIZE=1",
		"KURRENTDB_LICENSING__LICENSE_KEY=x", "KURRENTDB_TELEMETRY_OPTOUT=true", "KURRENTDB_NOSUCH=1", "CAIRN_NOSUCH=1",
		"CAIRN_SERVER=cairn://a", "KURRENTDB_CONFIG=unread")
	if want := []string{"EVENTSTORE_CLUSTER_SIZE", "EVENTSTORE_ENABLE_ATOM_PUB_OVER_HTTP", "KURRENTDB_LICENSING__LICENSE_KEY",
		"KURRENTDB_START_STANDARD_PROJECTIONS", "KURRENTDB_TELEMETRY_OPTOUT"}; !slices.Equal(l.Ignored[2:], want) ||
		!strings.HasSuffix(l.Ignored[0], ":1 RunProjections") || !strings.HasSuffix(l.Ignored[1], ":3 ClusterSize") {
		t.Errorf("ignored: got %q, want two from the file and %q", l.Ignored, want)
	}
	if want := []string{"CAIRN_NOSUCH", "KURRENTDB_NOSUCH"}; !slices.Equal(l.Unknown[1:], want) || !strings.HasSuffix(l.Unknown[0], ":2 NoSuch") {
		t.Errorf("unknown: got %q, want one from the file and %q", l.Unknown, want)
	}
}

func TestWrong(t *testing.T) {
	for name, test := range map[string]struct {
		flags map[string]string
		env   []string
		file  string
		want  []string // in the error
	}{
		"a size that is too large":    {flags: map[string]string{"max-append-size": "65M"}, want: []string{"--max-append-size", "65M", "1K", "64M"}},
		"a size that is too small":    {env: []string{"CAIRN_MAX_MESSAGE_SIZE=1"}, want: []string{"max-message-size", "CAIRN_MAX_MESSAGE_SIZE", "64K"}},
		"a size that overflows":       {flags: map[string]string{"max-append-size": "9223372036854775807G"}, want: []string{"64M"}},
		"a size that is none":         {flags: map[string]string{"max-append-size": "many"}, want: []string{"many"}},
		"a negative size":             {flags: map[string]string{"max-append-size": "-1M"}, want: []string{"-1M"}},
		"a number":                    {flags: map[string]string{"max-streams": "0"}, want: []string{"1 to 1048576"}},
		"a time":                      {flags: map[string]string{"idle-timeout": "5"}, want: []string{"1s to 24h0m0s", "500ms"}},
		"neither true nor false":      {env: []string{"KURRENTDB_INSECURE=maybe"}, want: []string{"insecure, from KURRENTDB_INSECURE", "maybe"}},
		"a level":                     {env: []string{"KURRENTDB_LOG_LEVEL=loud"}, want: []string{"loud", "Verbose"}},
		"an address":                  {flags: map[string]string{"listen": "localhost"}, want: []string{"127.0.0.1:2113"}},
		"a port":                      {env: []string{"EVENTSTORE_NODE_PORT=70000"}, want: []string{"listen, from EVENTSTORE_NODE_PORT", "65535"}},
		"a certificate without a key": {flags: map[string]string{"tls-cert": "a"}, want: []string{"tls-key"}},
		"clients without a server":    {flags: map[string]string{"tls-ca": "a"}, want: []string{"tls-cert"}},
		"two passwords":               {flags: map[string]string{"admin-password-file": "a"}, env: []string{"CAIRN_ADMIN_PASSWORD=secret"}, want: []string{"admin-password-file", "CAIRN_ADMIN_PASSWORD"}},
		"profiles for everybody":      {flags: map[string]string{"pprof": "0.0.0.0:6060"}, want: []string{"--pprof", "loopback"}},
		"a line of a file":            {file: "store: a\n\nmax-streams: x\n", want: []string{"max-streams", "cairn.yaml:3", "x"}},
		"a slip in a file":            {file: "max-stream: 1\n", want: []string{"max-streams", "did you mean"}},
		"a slip far off":              {file: "xyz: 1\n", want: []string{"xyz", "no such setting"}},
		"a file that is none":         {file: "a: [", want: []string{"cairn.yaml"}},
		"a file that is a list":       {file: "- a\n", want: []string{"cairn.yaml:1"}},
		"a file in a file":            {file: "store: {a: b}\n", want: []string{"store", "cairn.yaml:1"}},
		"a list of lists":             {file: "cors-origin: [[a]]\n", want: []string{"item 1"}},
		"no such file":                {flags: map[string]string{"config": "/nonexistent/cairn.yaml"}, want: []string{"--config", "/nonexistent"}},
	} {
		t.Run(name, func(t *testing.T) {
			if test.file != "" {
				test.env = append(test.env, "CAIRN_CONFIG="+file(t, test.file))
			}
			_, err := Load(test.flags, test.env)
			if err == nil {
				t.Fatal("got no error")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("%q tells a secret", err)
			}
			if e, ok := errors.AsType[*ValueError](err); ok && e.Unwrap() == nil {
				t.Errorf("%v wraps nothing", err)
			}
		})
	}
}

func TestFile(t *testing.T) {
	l := load(t, map[string]string{"config": file(t, "# ours\ncors-origin: [https://a.example, https://b.example]\nmemory: yes\nNodePort: 99\nidle-timeout: 1m\n")})
	if !slices.Equal(l.CORSOrigins, []string{"https://a.example", "https://b.example"}) || !l.Memory || l.Listen != "127.0.0.1:99" || l.IdleTimeout != time.Minute {
		t.Errorf("got %+v", l.Config)
	}
	if l := load(t, map[string]string{"config": file(t, "")}); !reflect.DeepEqual(l.Config, Default()) {
		t.Errorf("an empty file: got %+v", l.Config)
	}
}

// TestPrint prints a configuration and loads it again.
func TestPrint(t *testing.T) {
	l := load(t, map[string]string{"max-append-size": "3000K", "cors-origin": "*", "admin-password": "secret", "memory": "true"}, "CAIRN_IDLE_TIMEOUT=90s")
	var b bytes.Buffer
	if err := l.Print(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"idle-timeout: 1m30s # CAIRN_IDLE_TIMEOUT\n", "max-append-size: 3000K # --max-append-size\n", "store: cairn-data # default\n", "memory: true #", "not shown"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("there is no %q in:\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "secret") {
		t.Errorf("the password is shown:\n%s", b.String())
	}
	again := load(t, map[string]string{"config": file(t, b.String()), "admin-password": "secret"})
	if !reflect.DeepEqual(again.Config, l.Config) {
		t.Errorf("loaded again: got %+v\nwant %+v", again.Config, l.Config)
	}
}

func TestPassword(t *testing.T) {
	for name, test := range map[string]struct {
		password Password
		want     string
		fails    bool
	}{
		"none":         {},
		"text":         {password: Password{Text: "a "}, want: "a "},
		"file":         {password: Password{File: file(t, "a b\r\n")}, want: "a b"},
		"empty file":   {password: Password{File: file(t, "\n")}, fails: true},
		"no such file": {password: Password{File: "/nonexistent"}, fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := test.password.Read(); got != test.want || (err != nil) != test.fails {
				t.Errorf("got %q, %v, want %q", got, err, test.want)
			}
		})
	}
}

// TestSettings finds settings that are not in order.
func TestSettings(t *testing.T) {
	for _, s := range Settings {
		if s.Usage == "" || s.Group == "" || s.Switch() != (s.Value == "") {
			t.Errorf("%s is not described: %+v", s.Name, s)
		}
		c := Default()
		if d := s.Default(); d != "" {
			if err := s.at(&c).Set(d); err != nil {
				t.Errorf("%s: its default is not allowed: %v", s.Name, err)
			}
		}
	}
	for _, f := range foreigns {
		if !slices.ContainsFunc(Settings, func(s Setting) bool { return s.Name == f.setting }) {
			t.Errorf("%s sets %s, which is no setting", f.name, f.setting)
		}
		if slices.Contains(meaningless, f.name) {
			t.Errorf("%s both means something and does not", f.name)
		}
	}
}

// FuzzFile reads arbitrary files: whatever they say, the answer is a
// configuration that is allowed or an error.
func FuzzFile(f *testing.F) {
	f.Add("store: a\nlisten: :1\n")
	f.Add("cors-origin: [a, b]\nNodePort: 7\nx: &a [*a]\n")
	f.Add("max-append-size: 1G\n")
	f.Fuzz(func(t *testing.T, content string) {
		l := &Loaded{Config: Default(), Origins: map[string]string{}}
		if l.yaml("file", []byte(content)) != nil {
			return
		}
		for _, s := range Settings {
			if v := s.at(&l.Config).String(); v != "" {
				if err := s.at(&l.Config).Set(v); err != nil {
					t.Errorf("%s: %v", s.Name, err)
				}
			}
		}
	})
}
