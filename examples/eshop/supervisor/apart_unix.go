//go:build unix

package supervisor

import (
	"os/exec"
	"syscall"
)

// apart gives a process a group of its own: ctrl-C at a terminal is for whoever has
// started it, and who then says in which order all end.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
