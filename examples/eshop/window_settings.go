package main

import (
	"os"
	"strings"

	"github.com/spf13/pflag"

	"github.com/cairndb/cairn/server/ui"
)

// shown are the settings as the window shows them, with who set each.
func (s *settings) shown() (all []ui.Setting) {
	s.flags.VisitAll(func(f *pflag.Flag) {
		usage, rest, _ := strings.Cut(f.Usage, " (env ")
		origin := "default"
		if f.Changed {
			origin = "--" + f.Name
		} else if env := strings.TrimSuffix(rest, ")"); os.Getenv(env) != "" {
			origin = env
		}
		all = append(all, ui.Setting{Name: f.Name, Value: f.Value.String(), Origin: origin, Group: "The shop", Usage: usage})
	})
	return all
}
