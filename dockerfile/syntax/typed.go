package syntax

import (
	"errors"
	"strings"
	"sync"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// lazy holds what is computed from an instruction when it is first asked for.
type lazy struct {
	typed  sync.Once
	cmd    any
	err    error
	errors sync.Once
	errs   []Error
	mu     sync.Mutex
	memo   []*memo // guarded by mu; a handful, so a scan is quicker than a map
}

type memo struct {
	key   any
	once  sync.Once
	value any
}

// Cmd is what BuildKit's instructions.ParseInstruction makes of the instruction: *instructions.Stage
// for FROM, otherwise an instructions.Command; nil if BuildKit rejects it. Computed once.
// Its line numbers count from 1 at the beginning of Text.
func (in *Instruction) Cmd() any {
	in.lazy.typed.Do(in.typeIt)
	return in.lazy.cmd
}

// Err is BuildKit's error, if Cmd is nil.
func (in *Instruction) Err() error {
	in.lazy.typed.Do(in.typeIt)
	return in.lazy.err
}

// Memo returns the value stored under key, and computes and stores it if there is none. It is how
// other packages keep what they derive from one instruction alone, across edits elsewhere.
// The key must be comparable; compute may ask for other keys.
func (in *Instruction) Memo(key any, compute func() any) any {
	m := in.memo(key)
	m.once.Do(func() { m.value = compute() })
	return m.value
}

func (in *Instruction) memo(key any) *memo {
	in.lazy.mu.Lock()
	defer in.lazy.mu.Unlock()
	for _, m := range in.lazy.memo {
		if m.key == key {
			return m
		}
	}
	m := &memo{key: key}
	in.lazy.memo = append(in.lazy.memo, m)
	return m
}

func (in *Instruction) typeIt() {
	node, err := in.node()
	if err == nil {
		in.lazy.cmd, err = instructions.ParseInstruction(node)
	}
	if err != nil {
		in.lazy.cmd, in.lazy.err = nil, err
	}
}

// node is BuildKit's syntax tree of the instruction.
func (in *Instruction) node() (*parser.Node, error) {
	// The empty line keeps leading comments from being read as parser directives.
	head, lines := "\n", 1
	if in.escape == '`' {
		head, lines = "# escape=`\n\n", 2
	}
	result, err := parser.Parse(strings.NewReader(head + in.Text))
	if err != nil {
		return nil, err
	}
	if len(result.AST.Children) != 1 {
		return nil, errors.New("the text is not one instruction")
	}
	node := result.AST.Children[0]
	node.StartLine -= lines
	node.EndLine -= lines
	if len(node.PrevComment) == 0 {
		node.PrevComment = nil // not what is left of the line about the escape character
	}
	return node, nil
}
