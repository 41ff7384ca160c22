package a

import (
	"iter"
	"maps"
)

type event struct{}

type reads iter.Seq2[event, error]

type store struct{}

func (store) ReadAll() iter.Seq2[event, error] { return nil }

func (store) Written() func(yield func(event, error) bool) { return nil }

func dropped(s store, named reads) {
	for e := range s.ReadAll() { // want `range over iter.Seq2\[event, error\] drops its error`
		_ = e
	}
	for e, _ := range s.ReadAll() { // want `drops its error`
		_ = e
	}
	for range s.ReadAll() { // want `drops its error`
	}
	for _, _ = range s.ReadAll() { // want `drops its error`
	}
	for e := range s.Written() { // want `drops its error`
		_ = e
	}
	for range named { // want `drops its error`
	}
	func() {
		for range s.ReadAll() { // want `drops its error`
			break
		}
	}()
}

func generic[T any](seq iter.Seq2[T, error]) {
	for v := range seq { // want `range over iter.Seq2\[T, error\] drops its error`
		_ = v
	}
}

func kept(s store) error {
	for _, err := range s.ReadAll() {
		if err != nil {
			return err
		}
	}
	var err error
	for _, err = range s.Written() {
		if err != nil {
			return err
		}
	}
	return nil
}

func notErrors(seq iter.Seq[error], pairs map[string]error, list []error, counted iter.Seq2[int, string]) {
	for range seq {
	}
	for range pairs {
	}
	for range maps.Keys(pairs) {
	}
	for range list {
	}
	for range counted {
	}
	for range 3 {
	}
}
