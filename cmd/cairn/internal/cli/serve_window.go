package cli

import (
	"strings"

	"github.com/cairndb/cairn/cmd/cairn/internal/config"
	"github.com/cairndb/cairn/server/ui"
	"github.com/cairndb/cairn/server/ui/diskui"
)

// window is what the pages for browsers show of this program.
func (s *serving) window() ui.Options {
	return diskui.Show(ui.Options{Version: thisRelease().Version, Logs: s.logs, Settings: s.shown()}, s.store)
}

// shown are the settings, without what is secret.
func (s *serving) shown() []ui.Setting {
	all := make([]ui.Setting, 0, len(config.Settings))
	for _, one := range config.Settings {
		v, _ := s.Shown(one)
		all = append(all, ui.Setting{
			Name: one.Name, Value: v, Origin: s.Origin(one.Name), Group: one.Group,
			Usage: strings.ToUpper(one.Usage[:1]) + one.Usage[1:],
		})
	}
	return all
}
