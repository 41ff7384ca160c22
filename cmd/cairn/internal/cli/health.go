package cli

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn/cmd/cairn/internal/config"
)

const healthAbout = `Ask the server on this machine how it does. It is found by the settings that it
was started with itself, from the environment and a file.

The exit status is 0 if it has started, or with --ready, if it is of use: that
is, if it reads and writes. Images without a shell use this as their health check.`

func newHealth(c *console, _ *globals) *cobra.Command {
	given, ready := map[string]string{}, false
	cmd := &cobra.Command{
		Use:     "health",
		Short:   "Ask the server on this machine how it does",
		Long:    healthAbout,
		Example: "  cairn health\n  cairn health --ready --listen 127.0.0.1:2113",
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			l, err := config.Load(given, os.Environ())
			if err != nil {
				return badConfig(err)
			}
			path := "/health/live"
			if ready {
				path = "/health/ready"
			}
			return health(cmd.Context(), c, healthURL(l)+path)
		},
	}
	for _, s := range config.Settings {
		if s.Name == "listen" {
			cmd.Flags().Var(&settingFlag{s, given}, s.Name, "where it listens (env "+s.Env()+")")
		}
	}
	cmd.Flags().Var(&settingFlag{config.Setting{Name: "config", Value: "FILE"}, given}, "config", "the `FILE` of its settings (env CAIRN_CONFIG)")
	cmd.Flags().BoolVar(&ready, "ready", false, "ask whether it reads and writes")
	return cmd
}

// healthURL is where a server with these settings can be asked from its machine.
func healthURL(l *config.Loaded) string {
	scheme := "http://"
	if l.Secure() {
		scheme = "https://"
	}
	host, port, _ := net.SplitHostPort(l.Listen) // which was checked
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return scheme + net.JoinHostPort(host, port)
}

// healthTime is how long a server may take to answer.
const healthTime = 2 * time.Second

func health(ctx context.Context, c *console, url string) error {
	ctx, cancel := context.WithTimeout(ctx, healthTime)
	defer cancel()
	// The certificate is for other names than this machine has for itself, and
	// nothing secret is sent.
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	answer, err := (&http.Client{Transport: transport}).Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(io.LimitReader(answer.Body, 1<<16))
	if err != nil {
		return err
	}
	text := strings.TrimSpace(string(said))
	if answer.StatusCode >= 300 {
		return fmt.Errorf("the server answers %s: %s", answer.Status, text)
	}
	if text == "" {
		text = "live"
	}
	_, err = fmt.Fprintln(c.out, printable(text))
	return err
}
