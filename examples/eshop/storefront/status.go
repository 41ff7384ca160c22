package storefront

import "strings"

// Failed says that the order will not be delivered.
func (o order) Failed() bool {
	return o.Cancelled() || strings.Contains(o.Status, "exception") || strings.Contains(o.Status, "failed")
}

// Cancelled says that the customer did not want it any more.
func (o order) Cancelled() bool { return strings.HasPrefix(o.Status, "cancel") }

// Over says that nothing more will happen to it.
func (o order) Over() bool { return o.Failed() || o.Words() == steps[len(steps)-1] }

// Open says that it can still be changed.
func (o order) Open() bool { return o.Status == "new" || o.Status == "created" }

// Events is how many there are of the order.
func (o order) Events() int64 { return o.Revision + 1 }

// Words is the status as one says it.
func (o order) Words() string { return strings.ReplaceAll(o.Status, "-", " ") }

// Steps is the way of the order, as far as it has come. One that has failed says
// at which stage.
func (o order) Steps() (all []step) {
	at := reached(o.Words())
	if o.Failed() {
		at = failedAt(o)
	}
	for i, name := range steps[1:] {
		state := "to come"
		switch {
		case i+1 < at, i+1 == at && o.Over() && !o.Failed():
			state = "done"
		case i+1 == at && o.Failed():
			state = "failed"
		case i+1 == at:
			state = "here"
		}
		all = append(all, step{name, state})
	}
	return all
}

func reached(status string) int {
	for i, name := range steps {
		if name == status {
			return i
		}
	}
	return 0
}

// failedAt is the step that an order could not take.
func failedAt(o order) int {
	for stage, name := range map[string]string{"payment": "paid", "validation": "validated", "allocation": "allocated"} {
		if o.Stage == stage || strings.Contains(o.Status, stage) {
			return reached(name)
		}
	}
	return 1
}
