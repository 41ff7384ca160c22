package memtarget_test

import (
	"context"
	"fmt"

	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/memtarget"
)

func Example() {
	target := memtarget.New()
	deposit := func(account string, cents int64) error {
		return target.Update(context.Background(), projection.Change{}, func(_ context.Context, tx *memtarget.Tx) error {
			balance, _ := memtarget.Value[int64](tx.Get("balance", account))
			tx.Set("balance", account, balance+cents)
			return nil
		})
	}
	for _, cents := range []int64{500, 250} {
		if err := deposit("ann", cents); err != nil {
			fmt.Println(err)
		}
	}
	balance, ok := memtarget.Value[int64](target.Table("balance").Get("ann"))
	fmt.Println(balance, ok)
	// Output: 750 true
}
