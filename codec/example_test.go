package codec_test

import (
	"fmt"
	"strings"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/codec"
)

type Event interface{ order() }

type Placed struct {
	Customer string `json:"customer"`
	Cents    int64  `json:"cents"`
}

type Paid struct{}

func (Placed) order() {}
func (Paid) order()   {}

func ExampleJSON() {
	orders := codec.JSON(codec.Types[Event]{
		"order.placed": Placed{},
		"order.paid":   Paid{},
	})
	stored, _ := orders.Encode(Placed{"Ann", 1250})
	fmt.Printf("%s %s\n", stored.Type, stored.Data)

	e, _ := orders.Decode(cairn.Recorded{Event: stored})
	fmt.Printf("%#v\n", e)

	_, err := orders.Decode(cairn.Recorded{Event: cairn.Event{Type: "order.lost"}, Stream: "order-1", Revision: 2})
	fmt.Println(err)
	// Output:
	// order.placed {"customer":"Ann","cents":1250}
	// codec_test.Placed{Customer:"Ann", Cents:1250}
	// codec: unknown event type "order.lost" in stream "order-1" at revision 2; name it in the codec's Types, or give an Upcaster for it
}

// Orders used to count in euros.
type placedV1 struct {
	Customer string  `json:"customer"`
	Euros    float64 `json:"euros"`
}

func ExampleUpcast() {
	orders := codec.JSON(codec.Types[Event]{"order.placed.v2": Placed{}},
		codec.Upcast("order.placed", func(old placedV1) (Placed, error) {
			return Placed{old.Customer, int64(old.Euros*100 + 0.5)}, nil
		}),
	)
	e, _ := orders.Decode(cairn.Recorded{Event: cairn.Event{
		Type: "order.placed", Data: []byte(`{"customer":"Ann","euros":12.5}`),
	}})
	fmt.Printf("%+v\n", e)
	fmt.Println(strings.Join(orders.Names(), ", "))
	// Output:
	// {Customer:Ann Cents:1250}
	// order.placed, order.placed.v2
}
