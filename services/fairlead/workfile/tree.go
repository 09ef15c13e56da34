package workfile

import (
	"fmt"
	"strconv"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// maxNodes bounds a document after its aliases are followed: a few lines of
// nested aliases can stand for billions of nodes.
const maxNodes = 200_000

// mark is where a value was written and, for a scalar, its text.
type mark struct {
	line int
	text string
}

// tree turns the syntax tree of one document into plain values and remembers, by
// path, where each was written.
type tree struct {
	file    string
	amounts []amount // to be converted
	marks   map[string]mark
	anchors map[string]ast.Node
	nodes   int
	faults  Faults
}

func newTree(file string, amounts []amount) *tree {
	return &tree{file: file, amounts: amounts, marks: map[string]mark{}, anchors: map[string]ast.Node{}}
}

func (t *tree) fail(path string, n ast.Node, format string, args ...any) any {
	t.faults = append(t.faults, Fault{t.file, line(n), path, fmt.Sprintf(format, args...)})
	return nil
}

func line(n ast.Node) int {
	if n == nil || n.GetToken() == nil {
		return 0
	}
	return n.GetToken().Position.Line
}

// value converts one node at a path.
func (t *tree) value(path string, n ast.Node) any {
	if t.nodes++; t.nodes > maxNodes {
		if t.nodes == maxNodes+1 {
			t.fail(path, n, "too many values once aliases are followed")
		}
		return nil
	}
	if _, ok := t.marks[path]; !ok {
		t.marks[path] = mark{line: line(n)}
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		return t.mapping(path, n.Values)
	case *ast.MappingValueNode:
		return t.mapping(path, []*ast.MappingValueNode{n})
	case *ast.SequenceNode:
		return t.sequence(path, n)
	case *ast.AnchorNode:
		t.anchors[n.Name.GetToken().Value] = n.Value
		return t.value(path, n.Value)
	case *ast.AliasNode:
		return t.alias(path, n)
	}
	return t.scalar(path, n)
}

func (t *tree) alias(path string, n *ast.AliasNode) any {
	name := n.Value.GetToken().Value
	target, ok := t.anchors[name]
	if !ok {
		return t.fail(path, n, "alias *%s has no anchor before it", name)
	}
	delete(t.anchors, name) // an anchor that contains itself never ends
	defer func() { t.anchors[name] = target }()
	return t.value(path, target)
}

func (t *tree) scalar(path string, n ast.Node) any {
	var v any
	switch n := n.(type) {
	case *ast.LiteralNode:
		v = n.Value.Value
	case *ast.TagNode:
		if err := yaml.NodeToValue(n, &v); err != nil {
			return t.fail(path, n, "cannot be read: %v", syntax(t.file, err).Message)
		}
	case ast.ScalarNode:
		v = n.GetValue()
	default:
		return t.fail(path, n, "%s is not allowed here", n.Type())
	}
	m := t.marks[path]
	m.text = n.GetToken().Value
	t.marks[path] = m
	return v
}

func (t *tree) sequence(path string, n *ast.SequenceNode) any {
	out := make([]any, len(n.Values))
	for i, v := range n.Values {
		out[i] = t.value(path+"["+strconv.Itoa(i)+"]", v)
	}
	return out
}

func (t *tree) mapping(path string, pairs []*ast.MappingValueNode) any {
	out := map[string]any{}
	merged := map[string]bool{}
	for _, pair := range pairs {
		if _, ok := pair.Key.(*ast.MergeKeyNode); ok {
			t.merge(path, pair, out, merged)
			continue
		}
		key := pair.Key.GetToken().Value
		at := join(path, key)
		if _, dup := out[key]; dup && !merged[key] {
			t.fail(at, pair.Key, "is given twice")
			continue
		}
		delete(merged, key)
		t.marks[at] = mark{line: line(pair.Key)}
		out[key] = t.value(at, pair.Value)
	}
	return out
}

// merge carries out "<<: *anchor": keys written out win over merged ones.
func (t *tree) merge(path string, pair *ast.MappingValueNode, out map[string]any, merged map[string]bool) {
	before := len(t.faults)
	from, ok := t.value(path, pair.Value).(map[string]any)
	if !ok && len(t.faults) > before {
		return // told already
	}
	if !ok {
		t.fail(path, pair.Key, "<< wants an alias of a mapping")
		return
	}
	for k, v := range from {
		if _, written := out[k]; !written {
			out[k], merged[k] = v, true
		}
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
