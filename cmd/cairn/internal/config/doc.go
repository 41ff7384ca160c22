// Package config finds out how a server is to be run: from the command line, the
// environment, a file and the defaults, in this order of precedence.
//
// A setting has one name everywhere: max-append-size is --max-append-size on the
// command line, CAIRN_MAX_APPEND_SIZE in the environment and max-append-size in
// the file, which is YAML. The names that KurrentDB has for the same things are
// understood in the environment (KURRENTDB_… and EVENTSTORE_…) and in the file,
// so that what was written for it starts Cairn.
package config
