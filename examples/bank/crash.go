package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn/examples/bank/bank"
)

// crash is what the tour runs as another process: it makes a transfer, says the
// answer, and is dead.
func (p *program) crash() *cobra.Command {
	return &cobra.Command{
		Use:    "crash TRANSFER",
		Short:  "Make a transfer, given as JSON, and die of SIGKILL",
		Hidden: true,
		Args:   exactly("TRANSFER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var t bank.Transfer
			if err := json.Unmarshal([]byte(args[0]), &t); err != nil {
				return misuse(cmd, err)
			}
			return p.serve(openExisting, func(b *bank.Bank) error {
				r, err := b.Transfer(cmd.Context(), t)
				if err != nil {
					return err
				}
				return errors.Join(json.NewEncoder(p.out).Encode(r), die())
			})
		},
	}
}

// die ends this process at once. It returns only if it cannot.
func die() error {
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		return err
	}
	if err := self.Kill(); err != nil {
		return err
	}
	select {}
}

// crashElsewhere runs that process on the store in a directory.
func crashElsewhere(dir string) func(context.Context, bank.Transfer) (bank.Receipt, error) {
	return func(ctx context.Context, t bank.Transfer) (r bank.Receipt, err error) {
		args, err := json.Marshal(t)
		if err != nil {
			return r, err
		}
		cmd := again(ctx, "crash", "--store", dir, string(args))
		var out bytes.Buffer
		cmd.Stdout = &out
		err = cmd.Run()
		if exit, died := errors.AsType[*exec.ExitError](err); !died || exit.Exited() {
			return r, fmt.Errorf("the process that was to be killed has ended (%v)", err)
		}
		return r, json.Unmarshal(out.Bytes(), &r)
	}
}

// again is the command that runs this program in another process. If it cannot
// find itself, running the command says so.
func again(ctx context.Context, args ...string) *exec.Cmd {
	self, err := os.Executable()
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Err = cmp.Or(err, cmd.Err)
	cmd.Stderr = os.Stderr
	return cmd
}
