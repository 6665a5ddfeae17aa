package yaml

import (
	"errors"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Node is a value of a YAML text, with its place. Aliases are resolved: a node may have several parents,
// so that whoever walks whole trees must count. Keys that << brings are among a mapping's. The methods
// take nil for a value that is not there.
type Node struct {
	Kind Kind
	Tag  string // such as !reset; empty if there is none
	Line int    // of the value, from 1; of a block of text, that of its first line
	Text string // of a scalar, as it is spelled, without quotes: 1.10 and yes stay as they are
	// Quoted: the scalar is text in any case: it stands in quotes, or is a block.
	Quoted bool
	List   []*Node // of a sequence

	keys   []string
	lines  map[string]int // of the keys
	values map[string]*Node
}

// Kind is what a node is.
type Kind uint8

// The kinds of nodes. An absent value and null are both Null.
const (
	Null Kind = iota
	Scalar
	Sequence
	Mapping
)

// maxNodes is how many nodes a text may have: many times those that a text of the largest size has.
const maxNodes = 1_000_000

// Documents are the values of a text of at most so many bytes, one for each document in it. An error is
// of type *Error if it has a place.
func Documents(src string, size int) (docs []*Node, err error) {
	if len(src) > size {
		return nil, errTooLarge(size)
	}
	defer func() {
		if recover() != nil { // the library panics on some malformed texts
			docs, err = nil, errors.New("it is malformed")
		}
	}()
	src = strings.TrimPrefix(src, "\ufeff")
	file, err := parsed(src)
	if err != nil {
		evened := even(src)
		if evened == src {
			return nil, err
		}
		again, stillWrong := parsed(evened)
		if stillWrong != nil {
			return nil, err
		}
		file = again
	}
	for _, doc := range file.Docs {
		b := builder{anchors: map[string]*Node{}}
		if n := b.node(doc.Body); n != nil {
			docs = append(docs, n)
		}
		if b.err != nil {
			return nil, b.err
		}
	}
	return docs, nil
}

// parsed is the tree of a text.
func parsed(src string) (*ast.File, error) {
	tokens := lexer.Tokenize(src)
	placeLast(src, tokens)
	if err := bounded(tokens, maxNodes); err != nil {
		return nil, err
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		return nil, mistake(err)
	}
	return file, nil
}

// placeLast gives the last value of a text the line on which it begins: the lexer gives a plain scalar of
// several lines that of the end, if nothing comes after it.
func placeLast(src string, tokens token.Tokens) {
	if len(tokens) == 0 {
		return
	}
	last := tokens[len(tokens)-1]
	if last.Type == token.DocumentEndType && len(tokens) > 1 {
		last = tokens[len(tokens)-2]
	}
	first, rest, several := strings.Cut(strings.TrimLeft(last.Origin, " \t\r\n"), "\n")
	if last.Type != token.StringType || !several || strings.TrimSpace(rest) == "" {
		return
	}
	lines := strings.Split(src, "\n")
	end := min(last.Position.Line, len(lines))
	for i := max(0, end-1-strings.Count(last.Origin, "\n")); i < end; i++ {
		if strings.HasSuffix(strings.TrimSpace(lines[i]), strings.TrimSpace(first)) {
			last.Position.Line = i + 1
			return
		}
	}
}

// builder makes the nodes of one document.
type builder struct {
	anchors map[string]*Node // nil for one whose value is not complete yet
	err     *Error
}

func (b *builder) fail(at ast.Node, message string) {
	if b.err == nil {
		b.err = &Error{Line: line(at), Column: 1, Message: message}
	}
}

func line(n ast.Node) int {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 1
}

func (b *builder) node(n ast.Node) *Node {
	switch n := n.(type) {
	case nil, *ast.CommentGroupNode:
		return nil
	case *ast.AnchorNode:
		name := n.Name.GetToken().Value
		b.anchors[name] = nil
		v := b.node(n.Value)
		b.anchors[name] = v
		return v
	case *ast.AliasNode:
		name := n.Value.GetToken().Value
		v, ok := b.anchors[name]
		if !ok {
			b.fail(n, "there is no anchor "+name)
		}
		return v
	case *ast.TagNode:
		v := b.node(n.Value)
		if v == nil {
			v = &Node{Line: line(n)}
		}
		tagged := *v
		tagged.Tag = n.Start.Value
		return &tagged
	case *ast.MappingNode:
		m := b.mapping(line(n))
		b.pairs(m, n.Values)
		return m
	case *ast.MappingValueNode:
		m := b.mapping(line(n))
		b.pairs(m, []*ast.MappingValueNode{n})
		return m
	case *ast.SequenceNode:
		s := &Node{Kind: Sequence, Line: line(n)}
		for _, v := range n.Values {
			item := b.node(v)
			if item == nil {
				item = &Node{Line: line(n)}
			}
			s.List = append(s.List, item)
		}
		return s
	case *ast.NullNode:
		return &Node{Line: line(n), Text: n.GetToken().Value}
	case *ast.LiteralNode:
		return &Node{Kind: Scalar, Line: line(n) + 1, Text: n.Value.Value, Quoted: true}
	case *ast.StringNode:
		mark := n.GetToken().Type.String()
		return &Node{Kind: Scalar, Line: line(n), Text: n.Value, Quoted: strings.HasSuffix(mark, "Quote")}
	default:
		return &Node{Kind: Scalar, Line: line(n), Text: n.GetToken().Value}
	}
}

func (b *builder) mapping(line int) *Node {
	return &Node{Kind: Mapping, Line: line, lines: map[string]int{}, values: map[string]*Node{}}
}

// pairs adds what stands in a mapping, and then what << brings, which yields to it.
func (b *builder) pairs(m *Node, pairs []*ast.MappingValueNode) {
	var merged []ast.Node
	for i, p := range pairs {
		key := b.key(p.Key)
		if i == 0 {
			m.Line = line(p.Key)
		}
		if p.Key.IsMergeKey() {
			merged = append(merged, p.Value)
			continue
		}
		if _, twice := m.values[key]; twice {
			b.fail(p.Key, "the key "+key+" stands here twice")
		}
		v := b.node(p.Value)
		if v == nil {
			v = &Node{Line: line(p.Key)}
		}
		m.set(key, line(p.Key), v)
	}
	for _, from := range merged {
		b.merge(m, b.node(from), from)
	}
}

func (b *builder) key(n ast.MapKeyNode) string {
	if k, ok := n.(ast.Node); ok {
		if v := b.node(k); v != nil {
			return v.Text
		}
	}
	return n.GetToken().Value
}

// merge adds the keys that m lacks. Of several mappings the first has them.
func (b *builder) merge(m, from *Node, at ast.Node) {
	switch {
	case from == nil:
	case from.Kind == Sequence:
		for _, one := range from.List {
			if one.Kind == Mapping {
				b.merge(m, one, at)
			}
		}
	case from.Kind == Mapping:
		for _, key := range from.keys {
			if _, own := m.values[key]; !own {
				m.set(key, from.lines[key], from.values[key])
			}
		}
	default:
		b.fail(at, "<< takes a mapping")
	}
}

func (n *Node) set(key string, line int, v *Node) {
	n.keys = append(n.keys, key)
	n.lines[key] = line
	n.values[key] = v
}

// Get is the value at a path of keys; nil if there is none.
func (n *Node) Get(path ...string) *Node {
	for _, key := range path {
		if n == nil {
			return nil
		}
		n = n.values[key]
	}
	return n
}

// Keys are those of a mapping, in their order.
func (n *Node) Keys() []string {
	if n == nil {
		return nil
	}
	return n.keys
}

// Has reports whether a mapping has the key, be its value null.
func (n *Node) Has(key string) bool { return n != nil && n.values[key] != nil }

// LineOf is where a key of a mapping stands, from 1; where the mapping begins if it has no such key.
func (n *Node) LineOf(key string) int {
	if n == nil {
		return 0
	}
	if line, ok := n.lines[key]; ok {
		return line
	}
	return n.Line
}

// IsNull reports whether there is no value, or it is null.
func (n *Node) IsNull() bool { return n == nil || n.Kind == Null }

// IsText reports whether the value is a scalar.
func (n *Node) IsText() bool { return n != nil && n.Kind == Scalar }

// String is the text of a scalar; empty for all else.
func (n *Node) String() string {
	if n == nil || n.Kind != Scalar {
		return ""
	}
	return n.Text
}

// Items are those of a sequence; a scalar or mapping counts as a sequence of itself alone.
func (n *Node) Items() []*Node {
	switch {
	case n == nil || n.Kind == Null:
		return nil
	case n.Kind == Sequence:
		return n.List
	}
	return []*Node{n}
}

// Strings are the texts of the scalars among Items.
func (n *Node) Strings() []string {
	var list []string
	for _, item := range n.Items() {
		if item.IsText() {
			list = append(list, item.Text)
		}
	}
	return list
}
