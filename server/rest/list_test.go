package rest_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestListStreams(t *testing.T) {
	w := newWorld(t)
	w.put("order-1", "a", "b")
	w.put("user-1", "a")
	w.put("order-2", "a")
	w.put("$sys", "a")
	w.want(w.do("DELETE", "/streams/order-2?tombstone=true", ""), 200)
	for path, want := range map[string]string{
		"/streams?noSystem":                "order-1 live 1, user-1 live 0, order-2 tombstoned 0",
		"/streams?category=order":          "order-1 live 1, order-2 tombstoned 0",
		"/streams?prefix=u&prefix=order-1": "order-1 live 1, user-1 live 0",
		"/streams?noSystem&limit=2":        "order-1 live 1, user-1 live 0 | order-2 tombstoned 0",
		"/streams?after=3&noSystem":        "order-2 tombstoned 0",
	} {
		got := ""
		for path != "" {
			list := unmarshal[struct {
				Streams []struct {
					Stream, State string
					Last          any
				}
				Next string
			}](t, w.want(w.do("GET", path, ""), 200))
			for i, s := range list.Streams {
				if i > 0 {
					got += ", "
				}
				got += fmt.Sprintf("%s %s %v", s.Stream, s.State, s.Last)
			}
			if path = strings.TrimPrefix(list.Next, api); path != "" {
				got += " | "
			}
		}
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
