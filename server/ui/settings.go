package ui

import (
	"net/http"
	"net/url"
	"strings"
)

func (u *ui) settingsPages() []page {
	return []page{{"GET /operations/settings", u.settings}}
}

// defaultOrigin is where a setting comes from that nobody has set.
const defaultOrigin = "default"

// Set reports whether somebody has set it.
func (s Setting) Set() bool { return s.Origin != defaultOrigin }

// A settingGroup are settings that belong together.
type settingGroup struct {
	Name string
	All  []Setting
}

func (u *ui) settings(w http.ResponseWriter, r *http.Request) error {
	if len(u.o.Settings) == 0 {
		return notOffered("settings")
	}
	return u.operated(w, r, http.StatusOK, "settings", "settings", inGroups(u.o.Settings))
}

// inGroups are settings under the names of their groups, in the order they have.
func inGroups(all []Setting) (groups []settingGroup) {
	for _, s := range all {
		if n := len(groups); n == 0 || groups[n-1].Name != s.Group {
			groups = append(groups, settingGroup{Name: s.Group})
		}
		s.Value = withoutPassword(s.Value)
		g := &groups[len(groups)-1]
		g.All = append(g.All, s)
	}
	return groups
}

// notShown takes the place of what is secret.
const notShown = "(not shown)"

// withoutPassword is a value without the password that it may hold if it is a URL:
// whoever gives it to us may not have thought of that.
func withoutPassword(v string) string {
	u, err := url.Parse(v)
	switch {
	case err != nil && strings.Contains(v, "@"):
		return notShown // whatever it is, it was to be a URL
	case err != nil || u.User == nil && u.RawQuery == "":
		return v
	}
	query := u.Query()
	for name := range query {
		if secret(name) {
			query.Set(name, "xxxxx")
			u.RawQuery = query.Encode()
		}
	}
	return u.Redacted()
}

// secret reports whether a part of a URL is, going by its name.
func secret(name string) bool {
	name = strings.ToLower(name)
	for _, part := range []string{"pass", "secret", "token", "key", "credential"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}
