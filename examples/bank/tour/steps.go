package tour

import (
	"context"
)

// A step is one scene of the story.
type step struct {
	title string
	play  func(*guide, context.Context) error
}

var steps = []step{
	{"Open two accounts", (*guide).openAccounts},
	{"The same name again", (*guide).sameName},
	{"Pay in", (*guide).payIn},
	{"Withdraw more than there is", (*guide).overdraw},
	{"Transfer: two accounts, one batch", (*guide).transfer},
	{"The same transfer again", (*guide).transferAgain},
	{"Sixteen customers at once", (*guide).crowd},
	{"The statement is the events", (*guide).statement},
	{"The balance as of a past moment", (*guide).past},
	{"Pull the plug", (*guide).crash},
	{"Close the account, free the name", (*guide).closeAccount},
	{"One log under all of it", (*guide).log},
}
