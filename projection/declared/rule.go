package declared

// An action is what a rule does to its table.
type action uint8

const (
	upsert action = iota
	insert
	remove
)

// A rule says what events of some types do to a table.
type rule struct {
	events []string
	where  *expression // nil is always
	action action
	table  *Table
	key    []assignment // the columns of the key, in its order; for remove, some of them
	set    []assignment // and the others: what they become
	add    []assignment // or what is added to them
}

// An assignment gives a column a value.
type assignment struct {
	column Column
	value  *expression
}
