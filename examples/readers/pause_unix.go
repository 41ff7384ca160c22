//go:build unix

package main

import "syscall"

// pause stops a process where it is. It keeps all that it has: connections, locks,
// and the belief that its lanes are its own.
func (p *process) pause() error {
	p.paused = true
	return p.cmd.Process.Signal(syscall.SIGSTOP)
}

// wake has it go on, as if no time had passed.
func (p *process) wake() {
	if p.paused {
		p.paused = false
		_ = p.cmd.Process.Signal(syscall.SIGCONT) // it may be gone, which ended tells
	}
}
