//go:build !unix

package main

import "errors"

// pause is for systems that have such a signal.
func (p *process) pause() error {
	return errors.New("stops: no process can be stopped on this system; --stops=0 does without")
}

func (p *process) wake() {}
