package timer

// A heap holds entries, the first one at its root. It is written out because
// container/heap would allocate for each of them.
type heap []entry

func (h *heap) push(e entry) {
	*h = append(*h, e)
	a := *h
	for i := len(a) - 1; i > 0; {
		up := (i - 1) / 2
		if compare(a[i], a[up]) >= 0 {
			return
		}
		a[i], a[up] = a[up], a[i]
		i = up
	}
}

func (h *heap) pop() entry {
	a := *h
	top, n := a[0], len(a)-1
	a[0], a[n] = a[n], entry{}
	a = a[:n]
	for i := 0; ; {
		least := i
		for c := 2*i + 1; c <= 2*i+2 && c < n; c++ {
			if compare(a[c], a[least]) < 0 {
				least = c
			}
		}
		if least == i {
			break
		}
		a[i], a[least] = a[least], a[i]
		i = least
	}
	*h = a
	return top
}
