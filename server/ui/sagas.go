package ui

func (u *ui) sagaPages() []page { return nil }
