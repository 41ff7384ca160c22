package mqtt_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/cairndb/cairn/broker"
)

// A mosquitto is a broker of the test's own, that can be set and stopped.
type mosquitto struct {
	t       testing.TB
	binary  string
	dir     string
	address string
	cmd     *exec.Cmd
}

// ownBroker starts one with users and limits, or skips.
func ownBroker(t testing.TB, settings string) *mosquitto {
	t.Helper()
	binary, err := exec.LookPath("mosquitto")
	if err != nil {
		if binary = "/usr/sbin/mosquitto"; exec.Command(binary, "-h").Run() != nil && os.Getenv("CAIRN_REQUIRE_SERVICES") == "" {
			t.Skip("mosquitto is not installed")
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m := &mosquitto{t: t, binary: binary, dir: t.TempDir(), address: l.Addr().String()}
	l.Close()
	_, port, _ := net.SplitHostPort(m.address)
	m.write("acl", "user shop\ntopic readwrite shop/#\n")
	m.write("passwords", "shop:secret\n")
	if out, err := exec.Command("mosquitto_passwd", "-U", filepath.Join(m.dir, "passwords")).CombinedOutput(); err != nil {
		t.Skipf("mosquitto_passwd: %v %s", err, out)
	}
	m.write("conf", fmt.Sprintf("user root\nlistener %s 127.0.0.1\nallow_anonymous false\npassword_file %[2]s/passwords\nacl_file %[2]s/acl\n"+
		"persistence true\npersistence_location %[2]s/\nautosave_interval 1\nlog_dest none\n%[3]s\n", port, m.dir, settings))
	m.start()
	t.Cleanup(m.stop)
	return m
}

func (m *mosquitto) write(name, text string) {
	m.t.Helper()
	if err := os.WriteFile(filepath.Join(m.dir, name), []byte(text), 0o600); err != nil {
		m.t.Fatal(err)
	}
}

// start returns when it accepts connections.
func (m *mosquitto) start() {
	m.t.Helper()
	m.cmd = exec.Command(m.binary, "-c", filepath.Join(m.dir, "conf"))
	if err := m.cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range 3000 {
		if c, err := net.Dial("tcp", m.address); err == nil {
			c.Close()
			return
		}
		<-tick.C
	}
	m.t.Fatal("mosquitto does not start")
}

func (m *mosquitto) stop() {
	if m.cmd == nil {
		return
	}
	_ = m.cmd.Process.Signal(syscall.SIGTERM)
	_ = m.cmd.Wait()
	m.cmd = nil
}

// refused wants an error of a kind, with a word in it.
func refused(t *testing.T, err, kind error, word string) {
	t.Helper()
	if _, ok := errors.AsType[*broker.PublishError](err); !ok {
		t.Errorf("got %v, and not a PublishError", err)
		return
	}
	for _, k := range []error{broker.ErrUnavailable, broker.ErrRejected} {
		if errors.Is(err, k) != (k == kind) {
			t.Errorf("got %v, which should match %v only", err, kind)
		}
	}
	if !strings.Contains(err.Error(), word) {
		t.Errorf("got %q, without %q", err, word)
	}
	if strings.Contains(err.Error(), "wrong-secret") {
		t.Errorf("the error has the password: %v", err)
	}
}
