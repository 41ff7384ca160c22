package projection

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// loadDeployment reads what is known of a projection's builds, and the text that a
// change of it must expect: "" if there is none yet.
func loadDeployment(ctx context.Context, l Ledger, at place) (d deployment, raw string, err error) {
	found, err := l.Entries(ctx, at.deployment())
	for _, e := range found {
		if e.Key == at.deployment() {
			return d, e.Value, decode(e, &d)
		}
	}
	return d, "", err
}

// decode reads an entry. One that cannot be read is an error that names it.
func decode(e Entry, into any) error {
	if err := json.Unmarshal([]byte(e.Value), into); err != nil {
		return fmt.Errorf("projection: the entry %q of the ledger cannot be read; it was damaged, or written by a newer version: %w", e.Key, err)
	}
	return nil
}

// encode is the value of an entry.
func encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic("projection: " + err.Error()) // entries are structs of plain fields
	}
	return string(b)
}

// load is loadDeployment for the runner's projection, if it is of this store.
func (r *runner[Tx]) load(ctx context.Context) (d deployment, raw string, err error) {
	info, err := r.log.Info(ctx)
	if err != nil {
		return d, "", err
	}
	d, raw, err = loadDeployment(ctx, r.target, r.place)
	if err == nil && raw != "" && d.Store != info.ID {
		err = &StoreError{Projection: r.p.Name, Built: d.Store, Here: info.ID}
	}
	if raw == "" {
		d.Store = info.ID
	}
	return d, raw, err
}

func (d deployment) encode() string { return encode(d) }

// build finds a build by its number.
func (d *deployment) build(n int) (Definition, bool) {
	for _, b := range d.Builds {
		if b.Build == n {
			return b, true
		}
	}
	return Definition{}, false
}

// unshown reports whether readers are yet to be shown the first build.
func (d *deployment) unshown() bool {
	return d.Active == 0 && len(d.Builds) == 1 && d.Builds[0].Phase == Building
}

// version finds the build of a version: the one that readers see, or the newest.
func (d *deployment) version(v int) (found Definition, ok bool) {
	for _, b := range d.Builds {
		if b.Version != v || b.Phase == Dropping {
			continue
		}
		if b.Build == d.Active {
			return b, true
		}
		found, ok = b, true
	}
	return found, ok
}

// with is a deployment in which a build stands as given.
func (d deployment) with(b Definition) deployment {
	d.Builds = slices.Clone(d.Builds)
	i, there := slices.BinarySearchFunc(d.Builds, b.Build, func(b Definition, n int) int { return b.Build - n })
	if there {
		d.Builds[i] = b
	} else {
		d.Builds = slices.Insert(d.Builds, i, b)
	}
	d.Last = max(d.Last, b.Build)
	return d
}

// names are what the build's tables are called.
func (b *Definition) names() Names {
	if len(b.Tables) == 0 {
		return Names{}
	}
	return Names{b.Build}
}

// check compares the projection with what a build was begun with.
func (r *runner[Tx]) check(b Definition) error {
	changed := func(field, built, now string) error {
		return &ChangedError{Projection: r.p.Name, Version: b.Version, Field: field, Built: built, Now: now}
	}
	switch keyed := r.p.Key != nil; {
	case encode(b.Query) != encode(r.query):
		return changed("query", encode(b.Query), encode(r.query))
	case !slices.Equal(b.Tables, r.p.Tables) && (len(b.Tables) > 0 || len(r.p.Tables) > 0):
		return changed("tables", list(b.Tables), list(r.p.Tables))
	case b.Lanes != r.p.Lanes:
		return changed("lanes", fmt.Sprint(b.Lanes), fmt.Sprint(r.p.Lanes))
	case b.Keyed != keyed:
		return changed("key", of(b.Keyed), of(keyed))
	}
	return nil
}

func list(names []string) string { return "[" + strings.Join(names, ", ") + "]" }

func of(keyed bool) string {
	if keyed {
		return "a function of its own"
	}
	return "the stream"
}

// A VersionError reports a version of a projection's code that has no build, while
// others have.
type VersionError struct {
	Projection string
	Version    int  // of the code
	Active     int  // the version that readers see
	Tables     bool // whether there can be several builds
}

// Error says which version there is and what to do.
func (e *VersionError) Error() string {
	hint := "run it with Deploy, which builds it beside the one that readers see"
	if !e.Tables {
		hint = "a projection without Tables has one build only: give it another Name, or remove what was built and begin again"
	}
	return fmt.Sprintf("projection %q: there is no build of version %d, readers see version %d; %s", e.Projection, e.Version, e.Active, hint)
}

// Is reports whether the target is ErrUnknown, or ErrDiscarded for an old version.
func (e *VersionError) Is(target error) bool {
	return target == ErrUnknown || target == ErrDiscarded && e.Version < e.Active
}
