package telemetry

import (
	"fmt"
	"io"
	"log/slog"
)

// NewLogger makes a logger. The format is "text" or "json", the level "debug",
// "info", "warn" or "error"; empty means text and info. Anything else is an
// error that says so. Lines are written whole, so w need not be locked.
func NewLogger(w io.Writer, format, level string) (*slog.Logger, error) {
	l, err := parseLevel(level)
	if err != nil {
		return nil, err
	}
	o := &slog.HandlerOptions{Level: l}
	switch format {
	case "", "text":
		return slog.New(slog.NewTextHandler(w, o)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, o)), nil
	}
	return nil, fmt.Errorf("telemetry: log format %q is neither text nor json", format)
}

func parseLevel(name string) (slog.Level, error) {
	switch name {
	case "debug":
		return slog.LevelDebug, nil
	case "", "info":
		return slog.LevelInfo, nil
	case "warn":
		return slog.LevelWarn, nil
	case "error":
		return slog.LevelError, nil
	}
	return 0, fmt.Errorf("telemetry: log level %q is none of debug, info, warn and error", name)
}
