package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/cairndb/cairn/bench/internal/measure"
	"github.com/cairndb/cairn/bench/internal/system"
	"github.com/cairndb/cairn/bench/internal/workload"
)

// A command is a set of flags that several commands share.
type command struct {
	*flag.FlagSet
	specs                   []system.Spec // that can be asked for
	systems, dir, out, json string
}

func newCommand(name string, specs []system.Spec, systems string, log io.Writer) *command {
	c := &command{FlagSet: flag.NewFlagSet("cairn-bench "+name, flag.ContinueOnError), specs: specs}
	c.SetOutput(log)
	c.StringVar(&c.systems, "systems", systems, "which `names`, separated by commas; all is all of "+names(specs))
	c.StringVar(&c.dir, "dir", ".", "where to make a `directory` for the stores; it is deleted at the end")
	c.StringVar(&c.out, "out", "", "Markdown `file` to write; standard output if empty")
	c.StringVar(&c.json, "json", "", "`file` to write all samples to, for the report command")
	return c
}

func names(specs []system.Spec) string {
	var list []string
	for _, s := range specs {
		list = append(list, s.Name)
	}
	return strings.Join(list, ",")
}

// results begins the results of a command.
func (c *command) results() *workload.Results {
	return &workload.Results{Command: c.line(), Machine: measure.ThisMachine(c.dir)}
}

// line is the command line without what says where and not what.
func (c *command) line() string {
	line := "go run . " + strings.TrimPrefix(c.Name(), "cairn-bench ")
	c.Visit(func(f *flag.Flag) {
		if !slices.Contains([]string{"dir", "out", "json"}, f.Name) {
			line += fmt.Sprintf(" -%s %s", f.Name, f.Value)
		}
	})
	return line
}

// selected are the systems asked for, in their own order.
func (c *command) selected() ([]system.Spec, error) {
	if c.systems == "all" {
		return c.specs, nil
	}
	var list []system.Spec
	for _, name := range strings.Split(c.systems, ",") {
		i := slices.IndexFunc(c.specs, func(s system.Spec) bool { return s.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no system %q; there are %s", name, names(c.specs))
		}
		list = append(list, c.specs[i])
	}
	return list, nil
}

// workloads are those whose name is, or begins with, one of the names.
func workloads(selection string, among []workload.Workload) (list []workload.Workload, err error) {
	prefixes := strings.Split(selection, ",")
	var all []string
	for _, w := range among {
		all = append(all, w.Name())
		if selection == "all" || slices.ContainsFunc(prefixes, func(p string) bool { return selects(p, w.Name()) }) {
			list = append(list, w)
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("there is no workload %q; there are %s", selection, strings.Join(all, ", "))
	}
	return list, nil
}

// selects: "append" selects append-1 and append-64, "append-1" not append-1024.
func selects(selection, name string) bool {
	return name == selection || strings.HasPrefix(name, selection+"-")
}

// scratch makes the directory for the stores.
func (c *command) scratch() (string, error) {
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		return "", err
	}
	return os.MkdirTemp(c.dir, "cairn-bench-")
}
