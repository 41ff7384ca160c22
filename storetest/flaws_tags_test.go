package storetest

import (
	"context"
	"slices"

	"github.com/cairndb/cairn"
)

// carriedTags finds events by the tags that they carry, and not by the one that
// their metadata implies.
type carriedTags struct{ flawed }

func (s carriedTags) ReadAll(ctx context.Context, o cairn.AllOptions) pairs {
	return filtered(s.Store.ReadAll(ctx, o), func(e cairn.Recorded, err error) bool {
		e.Metadata = nil
		return err != nil || o.Query.Match(&e)
	})
}

// shownTags adds the implied tag to those that were given.
type shownTags struct{ flawed }

func (s shownTags) ReadAll(ctx context.Context, o cairn.AllOptions) pairs {
	return func(yield func(cairn.Recorded, error) bool) {
		for e, err := range s.Store.ReadAll(ctx, o) {
			if tag := cairn.ImpliedTag(e.Metadata); tag != "" && !slices.Contains(e.Tags, tag) {
				e.Tags = append(slices.Clip(e.Tags), tag)
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// carriedConditions takes conditions on correlations for ones that hold.
type carriedConditions struct{ flawed }

func (s carriedConditions) Commit(ctx context.Context, b cairn.Batch) (cairn.BatchReceipt, error) {
	b.Conditions = slices.DeleteFunc(slices.Clone(b.Conditions), func(c cairn.Condition) bool {
		return slices.ContainsFunc(c.Query, func(f cairn.Filter) bool {
			return slices.Contains(f.Tags, cairn.CorrelationTag("c"))
		})
	})
	return s.Store.Commit(ctx, b)
}
