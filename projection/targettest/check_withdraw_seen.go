package targettest

import "fmt"

// withdrawingUnseen takes names away, and readers of other tables notice nothing.
func withdrawingUnseen[Tx any](k *kit[Tx]) {
	k.build(1, 1, table, "total", "extra", "item-extra")
	k.publish(put("deployment", "1"), 1, table, "total")
	k.whileLooking(k.looksWhole, func() {
		for i := range k.rounds(60) {
			k.publish(put("extra", fmt.Sprint(2*i+1)), 1, "extra", "item-extra")
			k.withdraw(put("extra", fmt.Sprint(2*i+2)), "extra", "never", "item-extra")
		}
	})
	k.gone("extra")
}

// withdrawingFirst has a reader who believes the entry: names that it says are gone
// stand for nothing.
func withdrawingFirst[Tx any](k *kit[Tx]) {
	const shown, withdrawn, steps = 1, 2, 3
	k.build(1, 1, table)
	k.apply(put("deployment", "0"))
	k.whileLooking(func() error {
		before, err := k.stands(k.Second, "deployment")
		if err != nil || before%steps != withdrawn {
			return err
		}
		got, failure := k.Rows(k.ctx, table)
		after, err := k.stands(k.Second, "deployment")
		if err == nil && before == after && failure == nil && len(got[0]) > 0 {
			return fmt.Errorf("the entry says that the name is gone, and readers see %v", got[0])
		}
		return err
	}, func() {
		for i := range k.rounds(100) {
			k.publish(move("deployment", fmt.Sprint(steps*i), fmt.Sprint(steps*i+shown)), 1, table)
			k.withdraw(move("deployment", fmt.Sprint(steps*i+shown), fmt.Sprint(steps*i+withdrawn)), table)
			k.gone(table)
			k.apply(move("deployment", fmt.Sprint(steps*i+withdrawn), fmt.Sprint(steps*(i+1))))
		}
	})
}
