package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
)

func TestExitStatus(t *testing.T) {
	over, cancel := context.WithCancel(t.Context())
	cancel()
	dir := filepath.Join(t.TempDir(), "store")
	for _, tt := range []struct {
		name string
		ctx  context.Context
		args []string
		want int
	}{
		{"help", t.Context(), nil, ok},
		{"success", t.Context(), []string{"open", "ann"}, ok},
		{"refusal", t.Context(), []string{"withdraw", "ann", "1"}, failed},
		{"unknown command", t.Context(), []string{"opne"}, misused},
		{"unknown flag", t.Context(), []string{"open", "--as", "ann"}, misused},
		{"missing argument", t.Context(), []string{"open"}, misused},
		{"bad amount", t.Context(), []string{"deposit", "ann", "x"}, misused},
		{"two moments", t.Context(), []string{"balance", "ann", "--at", "1", "--as-of", "2026-01-01T00:00:00Z"}, misused},
		{"interrupt", over, []string{"deposit", "ann", "1"}, interrupted},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out, errOut bytes.Buffer
			args := append(tt.args[:len(tt.args):len(tt.args)], "--store", dir)
			if len(tt.args) == 0 {
				args = nil
			}
			got := run(tt.ctx, args, strings.NewReader(""), &out, &errOut)
			if got != tt.want {
				t.Errorf("status %d; want %d (%s)", got, tt.want, &errOut)
			}
			if lines := strings.Count(errOut.String(), "\n"); got != ok && lines != 1 {
				t.Errorf("%d lines of error: %s", lines, &errOut)
			}
		})
	}
}
