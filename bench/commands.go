package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/cairndb/cairn/bench/internal/report"
	"github.com/cairndb/cairn/bench/internal/system"
	"github.com/cairndb/cairn/bench/internal/workload"
)

// runWorkloads measures and reports.
func runWorkloads(ctx context.Context, args []string, out, log io.Writer) error {
	c := newCommand("run", system.All(), "all", log)
	var r workload.Run
	selection := c.String("workloads", "all", "which `names` or beginnings of names, separated by commas")
	c.IntVar(&r.Rounds, "rounds", 3, "how often each system has its turn")
	c.DurationVar(&r.Duration, "duration", 2500*time.Millisecond, "of each measurement")
	c.DurationVar(&r.Warmup, "warmup", 300*time.Millisecond, "before each measurement of appends")
	c.DurationVar(&r.Idle, "idle", 1500*time.Millisecond, "between measurements")
	c.IntVar(&r.Events, "events", 1_000_000, "in the store that is read")
	if err := c.Parse(args); err != nil {
		return err
	}
	var err error
	if r.Systems, err = c.selected(); err != nil {
		return err
	}
	if r.Workloads, err = workloads(*selection, workload.All()); err != nil {
		return err
	}
	if r.Dir, err = c.scratch(); err != nil {
		return err
	}
	r.Log, r.Strict = logTo(log), os.Getenv("CAIRN_REQUIRE_SERVICES") != ""
	results := c.results()
	results.Settings = r.Settings
	err = r.Do(ctx, results)
	return errors.Join(err, c.write(out, results))
}

// runScale measures in processes of this program, and reports.
func runScale(ctx context.Context, args []string, out, log io.Writer) error {
	c := newCommand("scale", system.All(), "cairn", log)
	var s workload.Scale
	sizes := c.String("streams", "1000000,10000000", "`numbers` of streams, separated by commas")
	c.IntVar(&s.Rounds, "rounds", 3, "how often each store is reopened and killed")
	if err := c.Parse(args); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if s.Systems, err = c.selected(); err != nil {
		return err
	}
	if s.Sizes, err = numbers(*sizes); err != nil {
		return err
	}
	if s.Dir, err = c.scratch(); err != nil {
		return err
	}
	s.Log, s.Command = logTo(log), []string{self, "scale-step"}
	results := c.results()
	results.Settings.Rounds = s.Rounds
	err = s.Do(ctx, results)
	return errors.Join(err, c.write(out, results))
}

func numbers(list string) (numbers []int, err error) {
	for _, s := range strings.Split(list, ",") {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%q is not a number of streams", s)
		}
		numbers = append(numbers, n)
	}
	return numbers, nil
}

// runScaleStep is one process of a scale measurement.
func runScaleStep(ctx context.Context, args []string, out, log io.Writer) error {
	c := newCommand("scale-step", nil, "", log)
	var s workload.Step
	c.StringVar(&s.System, "system", "", "`name` of the system")
	c.IntVar(&s.Streams, "streams", 0, "`number` of streams")
	if err := c.Parse(args); err != nil {
		return err
	}
	s.Dir = c.dir
	return s.Run(ctx, c.Arg(0), out)
}

// runReport writes the results of several runs as one page.
func runReport(_ context.Context, args []string, out, log io.Writer) error {
	c := newCommand("report", nil, "", log)
	if err := c.Parse(args); err != nil {
		return err
	}
	var runs []*workload.Results
	for _, path := range c.Args() {
		r, err := readResults(path)
		if err != nil {
			return err
		}
		runs = append(runs, r)
	}
	return c.markdown(out, runs...)
}

func readResults(path string) (*workload.Results, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	r := new(workload.Results)
	if err := json.Unmarshal(b, r); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// write writes the results to where the flags say.
func (c *command) write(out io.Writer, results *workload.Results) error {
	if c.json != "" {
		b, err := json.MarshalIndent(results, "", "\t")
		if err != nil {
			return err
		}
		if err := os.WriteFile(c.json, append(b, '\n'), 0o644); err != nil {
			return err
		}
	}
	return c.markdown(out, results)
}

func (c *command) markdown(out io.Writer, runs ...*workload.Results) error {
	if c.out == "" {
		report.Write(out, everything(), runs...)
		return nil
	}
	file, err := os.Create(c.out)
	if err != nil {
		return err
	}
	report.Write(file, everything(), runs...)
	return file.Close()
}

// logTo writes a line with the time for each thing worth telling.
func logTo(w io.Writer) func(string, ...any) {
	return func(format string, args ...any) {
		fmt.Fprintf(w, time.Now().Format(time.TimeOnly)+" "+format+"\n", args...)
	}
}
