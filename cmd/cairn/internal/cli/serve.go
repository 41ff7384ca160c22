package cli

import (
	"errors"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/cairndb/cairn/cmd/cairn/internal/config"
)

const serveAbout = `Serve the store to the network: to any client of KurrentDB, to Cairn's own, and
over HTTP. All speak to one port.

Each setting can be given here, in the environment (--tls-cert is
CAIRN_TLS_CERT) or in a YAML file (tls-cert), in this order of precedence. The
names that KurrentDB has for the same are understood in the environment and in
the file. --print-config shows what holds and where it came from.

Without TLS everybody is an administrator, so the server then listens on a
loopback address only, unless it is told --insecure. With TLS callers are users.
A new store has the users admin and ops; set their passwords.

The first interrupt lets the server finish what is under way, a second one does
not.`

func newServe(c *console, g *globals) *cobra.Command {
	given := map[string]string{}
	show := false
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the store to the network",
		Long:  serveAbout,
		Example: "  cairn serve\n  cairn serve --memory --insecure --listen 0.0.0.0:2113\n" +
			"  cairn serve --listen :2113 --tls-cert node.crt --tls-key node.key --admin-password-file admin.txt",
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("server") {
				return g.here(cmd, "it is one; name its store with --store")
			}
			if cmd.Flags().Changed("store") {
				given["store"] = g.store
			}
			l, err := config.Load(given, os.Environ())
			switch {
			case err != nil:
				return badConfig(err)
			case show:
				return l.Print(c.out)
			}
			return serve(cmd.Context(), c, l)
		},
	}
	addSettings(cmd.Flags(), given)
	cmd.Flags().BoolVar(&show, "print-config", false, "print what is set, and where, and do nothing else")
	return cmd
}

// addSettings makes each setting a flag; what is given is noted by name.
func addSettings(flags *pflag.FlagSet, given map[string]string) {
	for _, s := range config.Settings {
		if s.Name == "store" {
			continue // which all commands have
		}
		f := flags.VarPF(&settingFlag{s, given}, s.Name, "", s.Usage+" (env "+s.Env()+")")
		f.DefValue = s.Default()
		if s.Switch() {
			f.NoOptDefVal = "true"
		}
	}
	flags.Var(&settingFlag{config.Setting{Name: "config", Value: "FILE"}, given}, "config", "a `FILE` of settings, in YAML (env CAIRN_CONFIG)")
}

// A settingFlag notes the value that a setting is given. Whether the value is
// right is found out with those from elsewhere.
type settingFlag struct {
	config.Setting
	given map[string]string
}

// Set implements [pflag.Value].
func (f *settingFlag) Set(v string) error { f.given[f.Name] = v; return nil }

// String implements [pflag.Value].
func (f *settingFlag) String() string { return f.given[f.Name] }

// Type implements [pflag.Value]: it is what the help shows.
func (f *settingFlag) Type() string {
	if f.Value == "" {
		return "bool"
	}
	return f.Value
}

// badConfig says what to do about a setting that is wrong.
func badConfig(err error) error {
	if e, ok := errors.AsType[*config.ValueError](err); ok && e.Origin == "--"+e.Setting {
		return hinted(err, "cairn serve --help says what it takes")
	}
	return hinted(err, "cairn serve --print-config shows what is set, and where")
}
