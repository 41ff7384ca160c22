package ui

func (u *ui) mapPages() []page { return nil }
