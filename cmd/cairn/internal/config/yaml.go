package config

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// yaml takes over what a file says. A name nobody knows is an error if it is
// written like one of ours, because then it is a slip; those written as KurrentDB
// does are only noted.
func (l *Loaded) yaml(path string, data []byte) error {
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if len(document.Content) == 0 {
		return nil
	}
	root := document.Content[0]
	if root.Kind != yaml.MappingNode {
		return fmt.Errorf("%s:%d: this is not a list of names and values", path, root.Line)
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, v := root.Content[i], root.Content[i+1]
		if err := l.entry(fmt.Sprintf("%s:%d", path, key.Line), key.Value, v); err != nil {
			return err
		}
	}
	return nil
}

// entry takes over one line of a file.
func (l *Loaded) entry(origin, name string, node *yaml.Node) error {
	v, err := scalar(node)
	if err != nil {
		return &ValueError{name, origin, err}
	}
	for _, s := range Settings {
		if s.Name == name {
			return l.set(s, v, origin)
		}
	}
	for _, f := range foreigns {
		if strings.EqualFold(f.name, name) {
			return l.translate(f, v, origin)
		}
	}
	if name == strings.ToLower(name) {
		return &ValueError{name, origin, fmt.Errorf("there is no such setting%s", near(name))}
	}
	l.judge(origin+" "+name, name, func(n string) string { return n })
	return nil
}

// scalar is a value as text: one, or several with commas between them.
func scalar(node *yaml.Node) (string, error) {
	switch node.Kind {
	case yaml.ScalarNode:
		return node.Value, nil
	case yaml.SequenceNode:
		items := make([]string, len(node.Content))
		for i, item := range node.Content {
			if item.Kind != yaml.ScalarNode {
				return "", fmt.Errorf("item %d is not a single value", i+1)
			}
			items[i] = item.Value
		}
		return strings.Join(items, ","), nil
	}
	return "", fmt.Errorf("this is neither a value nor a list of values")
}

// near suggests a name that begins like an unknown one.
func near(name string) string {
	for n := len(name); n >= 3; n-- {
		i := slices.IndexFunc(Settings, func(s Setting) bool { return strings.HasPrefix(s.Name, name[:n]) })
		if i >= 0 {
			return fmt.Sprintf("; did you mean %s?", Settings[i].Name)
		}
	}
	return ""
}
