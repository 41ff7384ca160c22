package main

import (
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"github.com/cairndb/cairn/examples/eshop/shop"
)

// A container is what compose.yaml says of one.
type container struct {
	Image       string
	Build       struct{ Context, Dockerfile string }
	Environment map[string]string
	Command     []string
	DependsOn   map[string]any `yaml:"depends_on"`
	Volumes     []string
}

type composition struct {
	Services map[string]container
	Volumes  map[string]any
}

func readComposition(t *testing.T) *composition {
	t.Helper()
	text, err := os.ReadFile("compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var c composition
	if err := yaml.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	return &c
}

// TestCompose: each service of the shop has a container, whose command and
// environment the program understands.
func TestCompose(t *testing.T) {
	c := readComposition(t)
	for _, name := range shop.Names {
		t.Run(name, func(t *testing.T) { c.runs(t, name) })
	}
}

// runs holds the container of a service to the flags of the program.
func (c *composition) runs(t *testing.T, name string) {
	s, there := c.Services[name]
	if !there || s.Build.Dockerfile != "examples/eshop/Dockerfile" {
		t.Fatalf("it has no container of the shop's image: %+v", s)
	}
	cmd, p := c.parsed(t, s)
	if args := cmd.Flags().Args(); cmd.Name() != "service" || !slices.Equal(args, []string{name}) {
		t.Errorf("it runs %q %q", cmd.CommandPath(), args)
	}
	if port := portOf(t, cmd.Flag("listen").Value.String()); port != "8080" {
		t.Errorf("it listens on port %s, which is not the one that others ask", port)
	}
	c.reaches(t, p)
	if name == "storefront" {
		c.knows(t, cmd)
	}
}

// parsed is the command of a container, as the program in it would take it.
func (c *composition) parsed(t *testing.T, s container) (*cobra.Command, *program) {
	t.Helper()
	for name, value := range s.Environment {
		t.Setenv(name, value)
	}
	p := &program{out: io.Discard, err: io.Discard}
	root := p.root()
	cmd, rest, err := root.Find(s.Command)
	if err == nil {
		err = cmd.ParseFlags(rest)
	}
	if err == nil {
		err = cmd.ValidateArgs(cmd.Flags().Args())
	}
	if err != nil {
		t.Fatal(err)
	}
	known := cmd.Flags().FlagUsages() + root.PersistentFlags().FlagUsages()
	for name := range s.Environment {
		if !strings.Contains(known, "(env "+name+")") {
			t.Errorf("no flag is set by %s", name)
		}
	}
	return cmd, p
}

// reaches wants that what a service stands on is in a container too, and that it
// waits for all of them.
func (c *composition) reaches(t *testing.T, p *program) {
	t.Helper()
	var hosts []string
	for _, address := range []string{p.server, p.readModels, p.baskets, p.settings.reviews, p.brokerURL} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		hosts = append(hosts, u.Hostname())
	}
	if want := []string{"store", "postgres", "redis", "mongo", "rabbitmq"}; !slices.Equal(hosts, want) || p.broker != "rabbitmq" {
		t.Errorf("it stands on %v by %s, want %v", hosts, p.broker, want)
	}
	if found := len(p.needs()); found != 4 {
		t.Errorf("it looks for %d services before it begins, want 4", found)
	}
}

// knows wants that the storefront is told where all are that it asks.
func (c *composition) knows(t *testing.T, cmd *cobra.Command) {
	t.Helper()
	at, err := cmd.Flags().GetStringToString("at")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range shop.Names {
		if want := name + ":8080"; at[name] != want && name != "storefront" && name != "process" {
			t.Errorf("%s is at %q, want %q", name, at[name], want)
		}
	}
}

func portOf(t *testing.T, address string) string {
	t.Helper()
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	return port
}

var pinned = regexp.MustCompile(`^[a-z]+:[0-9]+\.[0-9]+(\.[0-9]+)?$`)

// TestComposeIsWhole: what is built is there, what is fetched has a version, and
// what is named exists.
func TestComposeIsWhole(t *testing.T) {
	c := readComposition(t)
	for name, s := range c.Services {
		if s.Build.Dockerfile == "" && !pinned.MatchString(s.Image) {
			t.Errorf("%s: the image %q has no version", name, s.Image)
		}
		if s.Build.Dockerfile != "" {
			if _, err := os.Stat(filepath.Join(s.Build.Context, s.Build.Dockerfile)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		for other := range s.DependsOn {
			if _, there := c.Services[other]; !there {
				t.Errorf("%s waits for %s, which is not there", name, other)
			}
		}
		for _, v := range s.Volumes {
			volume, _, _ := strings.Cut(v, ":")
			if _, there := c.Volumes[volume]; !there {
				t.Errorf("%s: there is no volume %s", name, volume)
			}
		}
	}
}
