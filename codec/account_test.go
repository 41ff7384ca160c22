package codec_test

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/cairndb/cairn/codec"
)

// The events of an account. Opened has been changed twice, and Deposited was
// called something else.
type event interface{ account() }

type (
	opened struct {
		First, Last string
		Country     string
	}
	deposited struct{ Cents int64 }
	frozen    struct{}
	closed    struct{ Reason string } // used as a pointer
)

func (opened) account()    {}
func (deposited) account() {}
func (frozen) account()    {}
func (*closed) account()   {}

func (o opened) Tags() []string { return []string{"owner:" + o.Last} }

type (
	openedV1 struct{ Owner string }
	openedV2 struct{ First, Last string }
)

var types = codec.Types[event]{
	"account.opened.v3": opened{},
	"account.deposited": deposited{},
	"account.frozen":    frozen{},
	"account.closed":    (*closed)(nil),
}

var errNoOwner = errors.New("no owner")

var upcasters = []codec.Upcaster{
	codec.Upcast("account.opened", func(old openedV1) (openedV2, error) {
		if old.Owner == "" {
			return openedV2{}, errNoOwner
		}
		return openedV2{First: "?", Last: old.Owner}, nil
	}),
	codec.Upcast("account.opened.v2", func(old openedV2) (opened, error) {
		return opened{First: old.First, Last: old.Last, Country: "NL"}, nil
	}),
	codec.Renamed[deposited]("account.credited"),
	codec.Renamed[openedV1]("acct.opened"),
	// Once everything was one type, and the data said what it was.
	codec.Upcast("account.changed", func(raw json.RawMessage) (event, error) {
		var old struct{ Kind string }
		if err := json.Unmarshal(raw, &old); err != nil {
			return nil, err
		}
		switch old.Kind {
		case "frozen":
			return frozen{}, nil
		case "closed":
			return &closed{}, nil
		case "nil":
			return (*closed)(nil), nil
		case "none":
			return nil, nil
		}
		return nil, fmt.Errorf("kind %q", old.Kind)
	}),
}

var events = codec.JSON(types, upcasters...)
