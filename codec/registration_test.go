package codec_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/cairndb/cairn/codec"
)

func keep[Old, New any](Old) (n New, err error) { return n, nil }

type (
	secret struct{ cents int64 }
	v1     struct{ A int }
	v2     struct{ A, B int }
	v3     struct{ A, B, C int }
)

func TestRegistrationMistakes(t *testing.T) {
	now := codec.Types[any]{"now": deposited{}}
	for says, register := range map[string]func(){
		"no types":                    func() { codec.JSON[any](nil) },
		"nil interface":               func() { codec.JSON(codec.Types[any]{"a": nil}) },
		"named both":                  func() { codec.JSON(codec.Types[any]{"a": v1{}, "b": v1{}}) },
		"codec_test.v1 is named both": func() { codec.JSON(codec.Types[any]{"a": v1{}, "b": &v1{}}) },
		"no JSON encoding":            func() { codec.JSON(codec.Types[any]{"a": func() {}}) },
		"points to no event":          func() { codec.JSON(codec.Types[any]{"a": new(new(v1{}))}) },
		"no exported fields":          func() { codec.JSON(codec.Types[any]{"a": secret{cents: 1}}) },
		"must not be empty":           func() { codec.JSON(codec.Types[any]{"": v1{}}) },
		"UTF-8":                       func() { codec.JSON(codec.Types[any]{"\xff": v1{}}) },
		"the limit is 1024":           func() { codec.JSON(codec.Types[any]{strings.Repeat("x", 1025): v1{}}) },
		"made by Upcast":              func() { codec.JSON(now, codec.Upcaster{}) },
		"has no function":             func() { codec.JSON(now, codec.Upcast[v1, deposited]("a", nil)) },
		"two meanings":                func() { codec.JSON(now, codec.Upcast("now", keep[v1, deposited])) },
		`"a" has two`:                 func() { codec.JSON(now, codec.Renamed[deposited]("a"), codec.Renamed[deposited]("a")) },
		"leads nowhere":               func() { codec.JSON(now, codec.Upcast("a", keep[v1, v2])) },
		"nor taken":                   func() { codec.JSON(now, codec.Upcast("a", keep[v1, fmt.Stringer])) },
		"back to itself": func() {
			codec.JSON(now, codec.Upcast("a", keep[v1, v2]), codec.Upcast("b", keep[v2, v1]))
		},
		`upcasters of "b" and "c"`: func() {
			codec.JSON(now, codec.Upcast("a", keep[v1, v2]),
				codec.Upcast("b", keep[v2, deposited]), codec.Upcast("c", keep[v2, deposited]))
		},
		"interface fmt.Stringer":            func() { codec.JSON(now, codec.Upcast("a", keep[fmt.Stringer, deposited])) },
		"raw JSON":                          func() { codec.JSON(now, codec.Upcast("a", keep[v1, json.RawMessage])) },
		"codec_test.secret has no exported": func() { codec.JSON(now, codec.Upcast("a", keep[secret, deposited])) },
		"not a Protocol Buffers message":    func() { codec.Proto(now) },
	} {
		if got := panicOf(register); !strings.Contains(got, says) {
			t.Errorf("got %q, want %q", got, says)
		}
	}
}

func panicOf(fn func()) (message string) {
	defer func() { message = fmt.Sprint(recover()) }()
	fn()
	return ""
}

func TestRegistrationsThatMakeSense(t *testing.T) {
	codec.JSON(codec.Types[v3]{"only": {}}) // E need not be an interface
	codec.JSON(codec.Types[any]{"v3": v3{}},
		codec.Upcast("v1", keep[v1, v2]), codec.Upcast("v2", keep[v2, v3]),
		codec.Renamed[v1]("v0"), codec.Upcast("raw", keep[json.RawMessage, v1]),
		codec.Upcast("map", keep[map[string]any, v3]), codec.Upcast("pointer", keep[*v1, v3]))
}
