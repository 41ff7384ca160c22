package workload

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"github.com/cairndb/cairn/bench/internal/measure"
	"github.com/cairndb/cairn/bench/internal/system"
)

// The names under which a Scale reports are a prefix, the number of streams,
// and a step.
const (
	ScalePrefix = "scale-"
	ScaleLoad   = " load"
	ScaleReopen = " reopened"
	ScaleKilled = " killed"
)

// A Scale measures what a store of many streams of one event needs: memory,
// and time to open after a clean stop and after a kill under load. Every step
// is a process of its own, so that its memory is only its own.
type Scale struct {
	Dir     string // is the run's alone and deleted at the end
	Systems []system.Spec
	Sizes   []int // numbers of streams
	Rounds  int
	Log     func(format string, args ...any)

	// Command is this program and the arguments that make it run
	// [Step.Run].
	Command []string
}

// Do measures everything into results.
func (s *Scale) Do(ctx context.Context, results *Results) (err error) {
	defer func() { err = errors.Join(err, measure.Remove(ctx, s.Dir)) }()
	for _, spec := range s.Systems {
		for _, size := range s.Sizes {
			if err := s.grow(ctx, spec, size, results); err != nil {
				return fmt.Errorf("%d streams in %s: %w", size, spec.Name, err)
			}
		}
	}
	return nil
}

// grow measures one store: a load, then rounds of reopening it.
func (s *Scale) grow(ctx context.Context, spec system.Spec, size int, results *Results) error {
	step := Step{System: spec.Name, Streams: size, Dir: filepath.Join(s.Dir, fmt.Sprint(spec.Name, "-", size))}
	if err := os.MkdirAll(step.Dir, 0o755); err != nil {
		return err
	}
	if err := s.measure(ctx, step, "load", ScaleLoad, 1, results); err != nil {
		return err
	}
	for round := 1; round <= s.Rounds; round++ {
		if err := s.measure(ctx, step, "reopen", ScaleReopen, round, results); err != nil {
			return err
		}
		if err := s.kill(ctx, step); err != nil {
			return err
		}
		if err := s.measure(ctx, step, "reopen", ScaleKilled, round, results); err != nil {
			return err
		}
	}
	return nil
}

// measure runs a step to its end and keeps what it has measured.
func (s *Scale) measure(ctx context.Context, step Step, action, name string, round int, results *Results) error {
	cmd := s.process(ctx, step, action)
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("%s: %w", action, err)
	}
	sample := Sample{Workload: fmt.Sprint(ScalePrefix, step.Streams, name), System: step.System, Round: round}
	if err := json.Unmarshal(out, &sample.Metrics); err != nil {
		return fmt.Errorf("%s: %w", action, err)
	}
	results.Samples = append(results.Samples, sample)
	s.Log("%s, round %d, %s: %s", sample.Workload, round, sample.System, sample.Metrics)
	return nil
}

// kill starts a process that appends, and kills it in the middle of that.
func (s *Scale) kill(ctx context.Context, step Step) error {
	cmd := s.process(ctx, step, "hammer")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	_, err = bufio.NewReader(out).ReadString('\n') // it says when it is under way
	if errors.Is(err, io.EOF) {
		err = errors.New("hammer: ended by itself")
	}
	killErr := cmd.Process.Kill()
	if waitErr := cmd.Wait(); err == nil && killErr == nil && waitErr == nil {
		err = errors.New("hammer: ended before it was killed")
	}
	return errors.Join(err, killErr)
}

func (s *Scale) process(ctx context.Context, step Step, action string) *exec.Cmd {
	args := append(s.Command[1:len(s.Command):len(s.Command)],
		"--system", step.System, "--streams", fmt.Sprint(step.Streams), "--dir", step.Dir, action)
	cmd := exec.CommandContext(ctx, s.Command[0], args...)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
}
