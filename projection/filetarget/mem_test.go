package filetarget

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"sync"
)

// errInjected is the failure of an operation.
var errInjected = errors.New("injected")

// A memory is a disk that can lose what was not synced, and fail. Each operation has
// a number, from 1.
type memory struct {
	mu     sync.Mutex
	names  map[string]*inode // as programs see them
	synced map[string]*inode // as a crash leaves them
	dirs   map[string]bool   // false are those that may not be listed
	locked bool
	ops    int

	fail  func(op int) (before, after bool) // the operation fails, without or with its effect
	after func(op int)                      // is called without the lock
}

// An inode is what a file holds, and how much of it a crash leaves.
type inode struct {
	data    []byte
	durable int
}

func newMemory() *memory {
	return &memory{names: map[string]*inode{}, synced: map[string]*inode{}, dirs: map[string]bool{}}
}

// do runs an operation, or lets it fail.
func (m *memory) do(op func() error) error {
	m.mu.Lock()
	m.ops++
	n := m.ops
	var before, after bool
	if m.fail != nil {
		before, after = m.fail(n)
	}
	err := errInjected
	if !before {
		if err = op(); after && err == nil {
			err = errInjected
		}
	}
	m.mu.Unlock()
	if m.after != nil {
		m.after(n)
	}
	return err
}

func (m *memory) Mkdir(name string) error {
	return m.do(func() error { m.dirs[name] = true; return nil })
}

func (m *memory) Create(name string) (f file, err error) {
	err = m.do(func() error {
		if dir := path.Dir(name); dir != "." && !m.dirs[dir] {
			return fs.ErrNotExist
		}
		if i := m.names[name]; i != nil {
			i.data, i.durable = nil, 0
		} else {
			m.names[name] = &inode{}
		}
		f = &handle{m, m.names[name]}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (m *memory) Read(name string) (data []byte, err error) {
	err = m.do(func() error {
		i := m.names[name]
		if i == nil {
			return fs.ErrNotExist
		}
		data = bytes.Clone(i.data)
		return nil
	})
	return data, err
}

func (m *memory) Rename(from, to string) error {
	return m.do(func() error {
		if m.names[from] == nil {
			return fs.ErrNotExist
		}
		m.names[to] = m.names[from]
		delete(m.names, from)
		return nil
	})
}

func (m *memory) Remove(name string) error {
	return m.do(func() error {
		for file := range m.names {
			if path.Dir(file) == name {
				return fs.ErrExist // the directory is not empty
			}
		}
		delete(m.names, name)
		delete(m.dirs, name)
		return nil
	})
}

func (m *memory) List(dir string) (names []string, err error) {
	err = m.do(func() error {
		if may, ok := m.dirs[dir]; ok && !may {
			return fs.ErrPermission
		}
		for d := range m.dirs {
			if dir == "" && d != "" {
				names = append(names, d+"/")
			}
		}
		for name := range m.names {
			if in(dir, name) {
				names = append(names, path.Base(name))
			}
		}
		slices.Sort(names)
		return nil
	})
	return names, err
}

func in(dir, name string) bool { return strings.TrimSuffix(path.Dir(name), ".") == dir }

func (m *memory) Sync(dir string) error {
	return m.do(func() error { m.settle(dir); return nil })
}

// settle makes durable what a directory lists.
func (m *memory) settle(dir string) {
	maps.DeleteFunc(m.synced, func(name string, _ *inode) bool { return in(dir, name) })
	for name, i := range m.names {
		if in(dir, name) {
			m.synced[name] = i
		}
	}
}

func (m *memory) Lock(string) (io.Closer, error) {
	err := m.do(func() error {
		if m.locked {
			return ErrLocked
		}
		m.locked = true
		return nil
	})
	return unlock{m}, err
}

type unlock struct{ *memory }

func (u unlock) Close() error {
	return u.do(func() error { u.locked = false; return nil })
}

// A handle is an open file.
type handle struct {
	*memory
	inode *inode
}

func (h *handle) Write(b []byte) (int, error) {
	err := h.do(func() error { h.inode.data = append(h.inode.data, b...); return nil })
	if err != nil {
		h.mu.Lock()
		defer h.mu.Unlock()
		if !bytes.HasSuffix(h.inode.data, b) {
			h.inode.data = append(h.inode.data, b[:len(b)/2]...) // as a full disk does
		}
		return 0, err
	}
	return len(b), nil
}

func (h *handle) Sync() error {
	return h.do(func() error { h.inode.durable = len(h.inode.data); return nil })
}

func (h *handle) Close() error { return h.do(func() error { return nil }) }

// crash returns the disk as a crash leaves it: without r only what is durable, and
// otherwise some of the rest as well, each name and each file for itself.
func (m *memory) crash(r *rand.Rand) *memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	clone := newMemory()
	clone.dirs = maps.Clone(m.dirs)
	copies := map[*inode]*inode{}
	names := slices.Concat(slices.Collect(maps.Keys(m.names)), slices.Collect(maps.Keys(m.synced)))
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		i := m.synced[name]
		if r != nil && r.IntN(2) == 0 {
			i = m.names[name]
		}
		if i == nil {
			continue
		}
		if copies[i] == nil {
			copies[i] = i.crash(r)
		}
		clone.names[name], clone.synced[name] = copies[i], copies[i]
	}
	return clone
}

// crash is what a crash leaves of a file.
func (i *inode) crash(r *rand.Rand) *inode {
	n := i.durable
	if r != nil {
		n += r.IntN(len(i.data) - n + 1)
	}
	return &inode{bytes.Clone(i.data[:n]), n}
}
