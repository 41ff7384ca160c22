package telemetry_test

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cairndb/cairn/server/telemetry"
)

func TestNewLogger(t *testing.T) {
	for _, c := range []struct {
		format, level, says string
		lines               int
		json                bool
	}{
		{"", "", "", 3, false},
		{"text", "debug", "", 4, false},
		{"json", "warn", "", 2, true},
		{"json", "error", "", 1, true},
		{"xml", "", `log format "xml"`, 0, false},
		{"", "loud", `log level "loud"`, 0, false},
	} {
		var out bytes.Buffer
		l, err := telemetry.NewLogger(&out, c.format, c.level)
		if c.says != "" {
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s %s: %v", c.format, c.level, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		l.Debug("d")
		l.Info("i")
		l.Warn("w")
		l.Error("e")
		if n := strings.Count(out.String(), "\n"); n != c.lines || json.Valid(bytes.SplitAfter(out.Bytes(), []byte("\n"))[0]) != c.json {
			t.Errorf("%s %s: %s", c.format, c.level, out.String())
		}
	}
}

func TestListenLoopback(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "localhost:0", "127.1.2.3:0"} {
		l, err := telemetry.ListenLoopback(t.Context(), address)
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		if !l.Addr().(*net.TCPAddr).IP.IsLoopback() {
			t.Errorf("%s: listens on %v", address, l.Addr())
		}
		l.Close()
	}
	for _, address := range []string{":0", "0.0.0.0:0", "[::]:0", "192.0.2.1:0", "nonsense", "127.0.0.1"} {
		if l, err := telemetry.ListenLoopback(t.Context(), address); err == nil {
			t.Errorf("%s: listens on %v", address, l.Addr())
			l.Close()
		}
	}
}

func TestProfiles(t *testing.T) {
	for path, want := range map[string]int{"/debug/pprof/": 200, "/debug/pprof/heap": 200, "/debug/pprof/cmdline": 200, "/": 404} {
		w := httptest.NewRecorder()
		telemetry.Profiles().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
}
