package cli

import (
	"bufio"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestServeWindow operates a server by its window: what it was started with is
// shown without secrets, its log is there, and a byte that has changed on the disk
// is found while it serves.
func TestServeWindow(t *testing.T) {
	t.Setenv("CAIRN_ADMIN_PASSWORD", "geheim")
	store := filepath.Join(t.TempDir(), "store")
	s := serveFor(t, "--store", store, "--log-level", "debug")
	c, at := client(t, nil), "http://"+s.addr
	if code, body := request(t, c, "POST", at+"/api/v1/streams/a", "", "", `[{"type":"t","data":{"n":1}}]`); code >= 300 {
		t.Fatalf("append: %d, %s", code, body)
	}
	_, page := request(t, c, "GET", at+"/ui/operations/settings", "", "", "")
	for _, want := range []string{"(not shown)", "CAIRN_ADMIN_PASSWORD", "--log-level", store, "default", "Watching it"} {
		if !strings.Contains(page, want) {
			t.Errorf("the settings do not hold %q", want)
		}
	}
	if strings.Contains(page, "geheim") {
		t.Error("a password is shown")
	}
	if _, page := request(t, c, "GET", at+"/ui/operations/logs", "", "", ""); !strings.Contains(page, "/ui/operations/settings") {
		t.Errorf("the log is not there:\n%s", page)
	}
	if _, page := request(t, c, "GET", at+"/ui/operations/metrics?q=commit", "", "", ""); !strings.Contains(page, "cairn_commit") {
		t.Errorf("the metrics are not there:\n%s", page)
	}
	verified(t, c, at, "all is well")
	flipByte(t, filepath.Join(store, "log", "00000000000000000001.seg"), 90)
	verified(t, c, at, "1 problem")
}

// verified has the store verified, and waits for what comes of it.
func verified(t *testing.T, c *http.Client, at, want string) {
	t.Helper()
	request(t, c, "POST", at+"/ui/operations/verify/start", "", "", "")
	res, err := c.Get(at + "/ui/operations/verify/live")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		switch line := lines.Text(); {
		case strings.Contains(line, want):
			return
		case strings.Contains(line, "It ended"):
			t.Fatalf("it ended without %q", want)
		}
	}
	t.Fatalf("the feed ended before %q", want)
}

func flipByte(t *testing.T, path string, at int64) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b := make([]byte, 1)
	if _, err := f.ReadAt(b, at); err != nil {
		t.Fatal(err)
	}
	b[0] ^= 0x40
	if _, err := f.WriteAt(b, at); err != nil {
		t.Fatal(err)
	}
}
