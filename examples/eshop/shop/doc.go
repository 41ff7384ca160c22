// Package shop puts the services of the shop together: those that a process is to
// run, each with what it stands on. It is the only place that knows all of them.
package shop
