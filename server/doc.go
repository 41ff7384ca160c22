// Package server serves a store to the network on one port.
//
// Over one listener it speaks gRPC, to the clients of KurrentDB and to Cairn's
// own, and HTTP/1.1 and HTTP/2, to everybody else. What a connection speaks is
// found out from its first bytes; from there on it belongs to gRPC's own
// transport or to net/http alone, and nothing lies in between. With a TLS
// configuration all of it is encrypted.
//
// A server is given a store, and a control that says who may do what. It closes
// neither.
package server
