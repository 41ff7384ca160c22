package platform_test

import (
	"context"
	"errors"
	"testing"

	"github.com/cairndb/cairn/examples/eshop/platform"
)

func TestTogether(t *testing.T) {
	broken := errors.New("broken")
	waits := func(ctx context.Context) error { <-ctx.Done(); return context.Cause(ctx) }
	if err := platform.Together(t.Context(), waits, func(context.Context) error { return broken }, waits); err != broken {
		t.Error(err)
	}
	if err := platform.Together(t.Context(), waits, func(context.Context) error { return nil }); err == nil {
		t.Error("a part that has ended without a word is no reason to end")
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errOver)
	if err := platform.Together(ctx, waits, waits); err != errOver {
		t.Error(err)
	}
}
