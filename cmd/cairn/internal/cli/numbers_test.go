package cli

import (
	"testing"
	"time"
)

func TestNumbers(t *testing.T) {
	tests := []struct{ got, want string }{
		{count(0), "0"}, {count(999), "999"}, {count(1000), "1,000"}, {count(129761), "129,761"}, {count(1234567), "1,234,567"},
		{count(-1000), "-1,000"}, {count(-100), "-100"},
		{counted(1, "event", "events"), "1 event"}, {counted(0, "event", "events"), "0 events"}, {counted(1000, "event", "events"), "1,000 events"},
		{size(0), "0 B"}, {size(1023), "1023 B"}, {size(1024), "1.0 KiB"}, {size(64 << 20), "64.0 MiB"}, {size(1 << 40), "1.0 TiB"}, {size(1 << 62), "4096.0 PiB"},
		{took(153 * time.Nanosecond), "200ns"}, {took(156_123), "156.1µs"}, {took(12_345_678), "12.35ms"}, {took(2_345_678_901), "2.35s"}, {took(0), "0s"},
		{rate(1000, 0), "-"}, {rate(129761, 2*time.Second), "64,880/s"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}
