package account

import (
	"encoding/json"
	"errors"
	"testing"
)

func TestParseMoney(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want Money
	}{
		{"0", 0}, {"12", 1200}, {"12.5", 1250}, {"12.50", 1250}, {"0.01", 1}, {"-3.10", -310}, {"007", 700},
		{"10000000000000", MaxMoney}, {"-10000000000000.00", -MaxMoney},
	} {
		got, err := ParseMoney(tt.in)
		if err != nil || got != tt.want {
			t.Errorf("ParseMoney(%q) = %d, %v; want %d", tt.in, got, err, tt.want)
		}
	}
}

func TestParseMoneyRefuses(t *testing.T) {
	for _, in := range []string{
		"", "-", ".", ".5", "5.", "1.234", "1,50", "1e3", "+1", "--1", "1 ", "0x10", "1.-5", "٣",
		"10000000000000.01", "99999999999999999999999",
	} {
		if got, err := ParseMoney(in); !errors.Is(err, ErrMoney) {
			t.Errorf("ParseMoney(%q) = %d, %v; want ErrMoney", in, got, err)
		}
	}
}

func TestMoneyString(t *testing.T) {
	for m, want := range map[Money]string{
		0: "0.00", 5: "0.05", 1250: "12.50", -5: "-0.05", -310: "-3.10",
		1<<63 - 1: "92233720368547758.07", -1 << 63: "-92233720368547758.08",
	} {
		if got := m.String(); got != want {
			t.Errorf("Money(%d) = %q; want %q", int64(m), got, want)
		}
	}
}

func TestMoneyInJSON(t *testing.T) {
	data, err := json.Marshal(Deposited{Amount: 1250})
	if err != nil || string(data) != `{"amount":"12.50"}` {
		t.Fatalf("Marshal = %s, %v", data, err)
	}
	var back Deposited
	if err := json.Unmarshal(data, &back); err != nil || back.Amount != 1250 {
		t.Errorf("Unmarshal = %v, %v", back, err)
	}
	if err := json.Unmarshal([]byte(`{"amount":"lots"}`), &back); !errors.Is(err, ErrMoney) {
		t.Errorf("Unmarshal of a word = %v; want ErrMoney", err)
	}
}

func FuzzMoney(f *testing.F) {
	f.Add("12.50")
	f.Add("-0.05")
	f.Fuzz(func(t *testing.T, s string) {
		m, err := ParseMoney(s)
		if err != nil {
			return
		}
		if back, err := ParseMoney(m.String()); err != nil || back != m {
			t.Errorf("%q is %d, written %q, read %d, %v", s, m, m, back, err)
		}
	})
}

func TestNumber(t *testing.T) {
	n := NumberOf(7)
	if n != "0000000007" || n.Stream() != "account-0000000007" {
		t.Errorf("NumberOf(7) = %q in %q", n, n.Stream())
	}
	if back, ok := NumberOfStream(n.Stream()); !ok || back != n {
		t.Errorf("NumberOfStream(%q) = %q, %v", n.Stream(), back, ok)
	}
	for _, s := range []string{"", "7", "00000000x7", "00000000007"} {
		if _, err := ParseNumber(s); !errors.Is(err, ErrNumber) {
			t.Errorf("ParseNumber(%q) = %v; want ErrNumber", s, err)
		}
		if _, ok := NumberOfStream("account-" + s); ok {
			t.Errorf("%q taken for the stream of an account", "account-"+s)
		}
	}
	if _, ok := NumberOfStream("0000000007"); ok {
		t.Error("a stream of another category taken for an account's")
	}
}
