package config

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// A Loaded is a configuration and where it came from.
type Loaded struct {
	Config
	Origins map[string]string // of each setting, by its name; "default" if nothing set it
	Ignored []string          // what was set for KurrentDB and means nothing here
	Unknown []string          // what was set and nobody knows
}

// Load finds out how to run. The flags are those that were given, by their name,
// and environ is as [os.Environ] has it. The error is a [*ValueError] if a
// value is wrong.
func Load(flags map[string]string, environ []string) (*Loaded, error) {
	l := &Loaded{Config: Default(), Origins: make(map[string]string)}
	env := variables(environ)
	if hasForeign(env) {
		l.Listen = listenForeign
	}
	if err := l.file(flags, env); err != nil {
		return nil, err
	}
	if err := l.environment(env); err != nil {
		return nil, err
	}
	for _, s := range Settings {
		if v, ok := flags[s.Name]; ok {
			if err := l.set(s, v, "--"+s.Name); err != nil {
				return nil, err
			}
		}
	}
	return l, l.check()
}

// A ValueError is a setting whose value is wrong.
type ValueError struct {
	Setting string // its name
	Origin  string // where it was set
	Err     error  // what is wrong, and what would be right
}

// Error implements error.
func (e *ValueError) Error() string {
	if strings.HasSuffix(e.Origin, e.Setting) {
		return fmt.Sprintf("%s: %v", e.Origin, e.Err)
	}
	return fmt.Sprintf("%s, from %s: %v", e.Setting, e.Origin, e.Err)
}

// Unwrap is what is wrong.
func (e *ValueError) Unwrap() error { return e.Err }

// set gives a setting its value.
func (l *Loaded) set(s Setting, v, origin string) error {
	if err := s.at(&l.Config).Set(v); err != nil {
		return &ValueError{s.Name, origin, err}
	}
	l.Origins[s.Name] = origin
	return nil
}

// translate gives a setting the value that KurrentDB has another name for.
func (l *Loaded) translate(f foreign, v, origin string) error {
	ours, err := f.convert(&l.Config, v)
	if err != nil {
		return &ValueError{f.setting, origin, err}
	}
	return l.set(named(f.setting), ours, origin)
}

// named is the setting of a name that exists.
func named(name string) Setting {
	i := slices.IndexFunc(Settings, func(s Setting) bool { return s.Name == name })
	return Settings[i]
}

// variables are the environment by name.
func variables(environ []string) map[string]string {
	env := make(map[string]string, len(environ))
	for _, e := range environ {
		if name, v, ok := strings.Cut(e, "="); ok {
			env[name] = v
		}
	}
	return env
}

// file takes over what the file says, if there is one.
func (l *Loaded) file(flags, env map[string]string) error {
	for _, at := range []struct{ path, origin string }{
		{flags["config"], "--config"},
		{env["CAIRN_CONFIG"], "CAIRN_CONFIG"},
		{env["KURRENTDB_CONFIG"], "KURRENTDB_CONFIG"},
		{env["EVENTSTORE_CONFIG"], "EVENTSTORE_CONFIG"},
	} {
		if at.path == "" {
			continue
		}
		data, err := os.ReadFile(at.path)
		if err != nil {
			return &ValueError{"config", at.origin, err}
		}
		return l.yaml(at.path, data)
	}
	return nil
}

// environment takes over what the environment says. Cairn's own names count
// more than KurrentDB's, and its new ones more than its old.
func (l *Loaded) environment(env map[string]string) error {
	for _, prefix := range slices.Backward(prefixes) {
		for _, f := range slices.Backward(foreigns) {
			name := prefix + envName(f.name)
			if v, ok := env[name]; ok && v != "" {
				if err := l.translate(f, v, name); err != nil {
					return err
				}
			}
		}
	}
	for _, s := range Settings {
		if v, ok := env[s.Env()]; ok && v != "" {
			if err := l.set(s, v, s.Env()); err != nil {
				return err
			}
		}
	}
	l.sortOut(env)
	return nil
}

// sortOut finds the names that mean nothing.
func (l *Loaded) sortOut(env map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(env)) {
		for _, prefix := range prefixes {
			if rest, ok := strings.CutPrefix(name, prefix); ok {
				l.judge(name, rest, envName)
			}
		}
		if strings.HasPrefix(name, "CAIRN_") && !ours(name) {
			l.Unknown = append(l.Unknown, name)
		}
	}
}

// judge sorts a name of KurrentDB that means nothing here. The spelling is how
// its names are written where it was found.
func (l *Loaded) judge(name, bare string, spelling func(string) string) {
	spelled := func(n string) bool { return strings.EqualFold(spelling(n), bare) }
	switch {
	case bare == spelling("Config"), slices.ContainsFunc(foreigns, func(f foreign) bool { return spelled(f.name) }):
	case slices.ContainsFunc(meaningless, spelled):
		l.Ignored = append(l.Ignored, name)
	default:
		l.Unknown = append(l.Unknown, name)
	}
}

// hasForeign reports whether the environment configures a KurrentDB.
func hasForeign(env map[string]string) bool {
	found := Loaded{}
	n := 0
	for name := range env {
		for _, prefix := range prefixes {
			if rest, ok := strings.CutPrefix(name, prefix); ok {
				found.judge(name, rest, envName)
				n++
			}
		}
	}
	return n > len(found.Unknown)
}

// elsewhere are names in the environment that other commands know.
var elsewhere = []string{"CAIRN_CONFIG", "CAIRN_SERVER", "CAIRN_USER", "CAIRN_PASSWORD", "CAIRN_REQUIRE_SERVICES", "CAIRN_SEED"}

// ours reports whether a name in the environment means something.
func ours(name string) bool {
	return slices.Contains(elsewhere, name) || slices.ContainsFunc(Settings, func(s Setting) bool { return s.Env() == name })
}
