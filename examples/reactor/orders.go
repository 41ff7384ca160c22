package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"

	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/server"
)

// announcement begins the line in which a process says where it listens.
const announcement = "listening on "

func ordersDir(dir string) string  { return filepath.Join(dir, "orders") }
func billingDir(dir string) string { return filepath.Join(dir, "billing") }

// keepOrders is the store of orders and its server.
func keepOrders(ctx context.Context, p part, out io.Writer) (err error) {
	store, err := disk.Open(ordersDir(p.Dir), nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	s, err := server.New(store, nil)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", p.Orders)
	if err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	fmt.Fprintln(out, announcement+l.Addr().String())
	<-ctx.Done()
	return errors.Join(s.Shutdown(context.WithoutCancel(ctx)), <-served) // it ends in good order
}
