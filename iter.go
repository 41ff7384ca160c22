package cairn

import "iter"

// Collect gathers what an iterator yields. With an error it returns what came
// before. It is for reads known to be small.
func Collect[T any](seq iter.Seq2[T, error]) ([]T, error) {
	var all []T
	for v, err := range seq {
		if err != nil {
			return all, err
		}
		all = append(all, v)
	}
	return all, nil
}
