package ui

func (u *ui) operationsPages() []page { return nil }
