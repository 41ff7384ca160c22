package ui

func (u *ui) timerPages() []page { return nil }
