package cli

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/cairndb/cairn/server"
)

// ways are the ways into a server.
type ways struct {
	kurrent, cairn, http string
}

// waysTo finds the ways to where a server listens. An address that means all
// of a machine's is shown as one that can be called.
func waysTo(addr net.Addr, host string, port int, secure bool) ways {
	listened, number, err := net.SplitHostPort(addr.String())
	if err != nil {
		return ways{}
	}
	if ip := net.ParseIP(listened); ip != nil && ip.IsUnspecified() {
		listened = "127.0.0.1"
	}
	if host != "" {
		listened = host
	}
	if port != 0 {
		number = strconv.Itoa(port)
	}
	at := net.JoinHostPort(listened, number)
	if secure {
		return ways{"kurrentdb://admin:PASSWORD@" + at, "cairn://admin:PASSWORD@" + at, "https://" + at + "/api/v1"}
	}
	return ways{"kurrentdb://" + at + "?tls=false", "cairn://" + at + "?tls=false", "http://" + at + "/api/v1"}
}

// announce tells whoever waits for it that the server serves, and where.
func (s *serving) announce(addr net.Addr) error {
	w := waysTo(addr, s.AdvertiseHost, s.AdvertisePort, s.Secure())
	if s.LogFormat == "json" {
		s.log.Info("serving", "address", addr.String(), "kurrentdb", w.kurrent, "cairn", w.cairn, "http", w.http,
			"openapi", w.http+"/openapi.json", "secure", s.Secure(), "store", s.where())
	} else {
		s.banner(addr, w)
	}
	if s.open(addr) {
		s.log.Warn("OPEN TO EVERYBODY: other machines can reach this server, nothing is encrypted, and every caller is an administrator",
			"address", addr.String(), "listen", "from "+s.Origin("listen"), "insecure", "from "+s.Origin("insecure"))
	}
	notify("READY=1\nSTATUS=serving on " + addr.String())
	if s.ReadyFile == "" {
		return nil
	}
	return writeReady(s.ReadyFile, addr.String())
}

// open reports whether other machines can reach a server that protects nothing. It
// takes no more than a variable that was set for KurrentDB, so it is said loudly.
func (s *serving) open(addr net.Addr) bool { return !s.Secure() && server.Guard(addr) != nil }

func (s *serving) where() string {
	if s.Memory {
		return "memory"
	}
	return s.Store
}

// banner prints the ways in.
func (s *serving) banner(addr net.Addr, w ways) {
	c, dim := s.console, s.console.dim
	var b strings.Builder
	fmt.Fprintf(&b, "cairn %s serves %s on %s\n", thisRelease().Version, printable(s.where()), addr)
	for _, way := range [][2]string{
		{"KurrentDB clients", w.kurrent},
		{"Cairn clients    ", w.cairn},
		{"HTTP             ", w.http},
		{"described in     ", w.http + "/openapi.json"},
		{"in a browser     ", strings.TrimSuffix(w.http, "/api/v1") + "/ui/"},
	} {
		fmt.Fprintf(&b, "  %s  %s\n", dim(way[0]), printable(way[1]))
	}
	if !s.Secure() {
		fmt.Fprintf(&b, "  %s\n", dim("not encrypted, and everybody is an administrator"))
	}
	fmt.Fprint(c.err, b.String())
}

// writeReady writes the address to a file, which appears when it is complete.
func writeReady(path, address string) error {
	temp, err := os.CreateTemp(filepath.Dir(path), ".ready-*")
	if err != nil {
		return err
	}
	_, err = temp.WriteString(address + "\n")
	if closed := temp.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	return err
}
