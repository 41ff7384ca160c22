package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// A release says what was built, and from what.
type release struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func newVersion(c *console, g *globals) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: "  cairn version\n  cairn version --json",
		Args:    exactly(),
		RunE: func(*cobra.Command, []string) error {
			r := thisRelease()
			if g.json {
				return c.printJSON(r)
			}
			text := "cairn " + r.Version
			if r.Revision != "" {
				text += " (" + r.Revision + ")"
			}
			_, err := fmt.Fprintf(c.out, "%s, %s, %s\n", text, r.Go, r.Platform)
			return err
		},
	}
}

func thisRelease() release {
	r := release{Version: "unknown", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return r
	}
	r.Version = info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			r.Revision = s.Value[:12]
		}
	}
	return r
}
