package targettest

// checks are the kit, in the order in which the tests run.
func checks[Tx any]() []check[Tx] {
	return []check[Tx]{
		{name: "Entries/Empty", run: entriesOfNothing[Tx]},
		{name: "Entries/Change", run: entriesChange[Tx]},
	}
}
