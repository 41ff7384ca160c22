package config

import (
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Print writes the configuration as a file that could be loaded again, with the
// origin of each setting. Passwords are not shown.
func (l *Loaded) Print(w io.Writer) error {
	group := ""
	for _, s := range Settings {
		if s.Group != group {
			group = s.Group
			if _, err := fmt.Fprintf(w, "# %s\n", group); err != nil {
				return err
			}
		}
		v, hidden := l.Shown(s)
		note := ""
		if hidden {
			v, note = "", ", not shown"
		}
		if _, err := fmt.Fprintf(w, "%s: %s # %s%s\n", s.Name, s.yaml(v), l.Origin(s.Name), note); err != nil {
			return err
		}
	}
	return nil
}

// Shown is the value of a setting as anybody who operates the server may see it.
// Of a password it says nothing but that it is set, and hidden is true.
func (l *Loaded) Shown(s Setting) (v string, hidden bool) {
	v = s.at(&l.Config).String()
	if s.secret && v != "" {
		return "(not shown)", true
	}
	return v, false
}

// yaml is a value as YAML.
func (s Setting) yaml(v string) string {
	switch s.at(&Config{}).(type) {
	case yes, number:
		return v
	}
	b, err := yaml.Marshal(v)
	if err != nil || strings.Count(string(b), "\n") > 1 {
		return fmt.Sprintf("%q", v)
	}
	return strings.TrimSpace(string(b))
}

// Markdown writes the table of all settings.
func Markdown(w io.Writer) error {
	for i, s := range Settings {
		if i == 0 || Settings[i-1].Group != s.Group {
			if _, err := fmt.Fprintf(w, "\n**%s**\n\n| setting | environment | default | what it is |\n|---|---|---|---|\n", s.Group); err != nil {
				return err
			}
		}
		name, standard := s.Name, ""
		if s.Value != "" {
			name += " " + s.Value
		}
		if d := s.Default(); d != "" {
			standard = "`" + d + "`"
		}
		if _, err := fmt.Fprintf(w, "| `%s` | `%s` | %s | %s |\n", name, s.Env(), standard, s.Usage); err != nil {
			return err
		}
	}
	return nil
}

// MarkdownForeign writes the table of the names that KurrentDB has for settings.
func MarkdownForeign(w io.Writer) error {
	if _, err := fmt.Fprint(w, "\n| KurrentDB | here |\n|---|---|\n"); err != nil {
		return err
	}
	for _, f := range foreigns {
		if _, err := fmt.Fprintf(w, "| `%s` | `%s` |\n", envName(f.name), f.setting); err != nil {
			return err
		}
	}
	return nil
}
