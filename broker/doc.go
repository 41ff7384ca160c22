// Package broker takes facts out of a service, and lets those of others in.
package broker
