package syntax

import (
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// lazy holds what is computed from an instruction when it is first asked for.
type lazy struct {
	typed  sync.Once
	cmd    any
	err    error
	errors sync.Once
	errs   []Error
	memo   Memo
}

// Memo keeps what is derived from something that never changes.
type Memo struct {
	first atomic.Pointer[value] // the newest; a handful, so a scan is quicker than a map
}

type value struct {
	key   any
	once  sync.Once
	value any
	next  *value
}

// Get returns the value stored under key, and computes and stores it if there is none. The key must
// be comparable; compute may ask for other keys.
func (m *Memo) Get(key any, compute func() any) any {
	v := m.find(key)
	v.once.Do(func() { v.value = compute() })
	return v.value
}

// Last keeps the last answer to a question that is asked again and again, with what was asked. It belongs into a
// Memo, where that holds for the question but for what changes around it.
type Last[Q comparable, A any] struct {
	mu     sync.Mutex
	recent []given[Q, A] // guarded by mu; the newest first
}

type given[Q, A any] struct {
	question Q
	answer   A
}

// maxLast is how many answers are kept: several rules ask alike, and so do several builds.
const maxLast = 3

// Get is the answer to the question: the one that is kept, or what compute gives.
func (l *Last[Q, A]) Get(question Q, compute func() A) A {
	l.mu.Lock()
	for i := range l.recent {
		if l.recent[i].question == question {
			answer := l.recent[i].answer
			l.mu.Unlock()
			return answer
		}
	}
	l.mu.Unlock()
	answer := compute()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.recent = append([]given[Q, A]{{question, answer}}, l.recent[:min(len(l.recent), maxLast-1)]...)
	return answer
}

func (m *Memo) find(key any) *value {
	var added *value
	for {
		first := m.first.Load()
		for v := first; v != nil; v = v.next {
			if v.key == key {
				return v
			}
		}
		if added == nil {
			added = &value{key: key}
		}
		added.next = first
		if m.first.CompareAndSwap(first, added) {
			return added
		}
	}
}

// Cmd is what BuildKit's instructions.ParseInstruction makes of the instruction: *instructions.Stage
// for FROM, otherwise an instructions.Command; nil if BuildKit rejects it. Computed once.
// The line numbers in it mean nothing: it is shared between files in which it stands elsewhere. A RUN has its command
// line and the names of its flags only: Retype has all.
func (in *Instruction) Cmd() any {
	in.typeOnce()
	return in.lazy.cmd
}

// Err is BuildKit's error, if Cmd is nil.
func (in *Instruction) Err() error {
	in.typeOnce()
	return in.lazy.err
}

// Retype is a Cmd of its own, which the caller may expand; nil if BuildKit rejects the instruction.
func (in *Instruction) Retype() any {
	node, err := in.node()
	if err != nil || !in.known() {
		return nil
	}
	cmd, err := typed(node)
	if err != nil {
		return nil
	}
	return cmd
}

// Memo is how other packages keep what they derive from one instruction alone, across edits
// elsewhere.
func (in *Instruction) Memo(key any, compute func() any) any { return in.lazy.memo.Get(key, compute) }

func (in *Instruction) typeOnce() {
	if in.batch != nil {
		in.batch.run()
	}
	in.lazy.typed.Do(in.typeAlone)
}

// batch is a row of instructions that are typed together when the first of them is asked for. That
// is twice as fast as one by one, and makes a fifth of the garbage.
type batch struct {
	once         sync.Once
	src          string
	instructions []*Instruction
}

// batchSize limits how much BuildKit keeps in memory, and how much is in vain if it rejects a part.
const batchSize = 200

// makeBatches arranges that the instructions of a new file are typed in batches.
func (f *File) makeBatches() {
	for start := 0; start < len(f.Instructions); start += batchSize {
		end := min(start+batchSize, len(f.Instructions))
		b := &batch{src: f.Src[f.starts[start]:f.starts[end]], instructions: f.Instructions[start:end]}
		for _, in := range b.instructions {
			in.batch = b
		}
	}
}

// run types the instructions, unless BuildKit's parser rejects one: then each types itself.
func (b *batch) run() {
	b.once.Do(func() {
		nodes, err := parse(b.src, b.instructions[0].escape)
		if err == nil && len(nodes) == len(b.instructions) {
			for i, in := range b.instructions {
				in.lazy.typed.Do(func() { in.typeNode(nodes[i]) })
			}
		}
		b.src, b.instructions = "", nil
	})
}

func (in *Instruction) typeAlone() {
	node := &parser.Node{}
	if in.known() || in.tooLong.Len() > 0 {
		var err error
		if node, err = in.node(); err != nil {
			in.lazy.err = inner(err)
			return
		}
	}
	in.typeNode(node)
}

// known reports whether BuildKit knows the instruction.
func (in *Instruction) known() bool { return names[in.Name] != "" }

func (in *Instruction) typeNode(node *parser.Node) {
	if !in.known() {
		in.lazy.err = &instructions.UnknownInstructionError{Instruction: in.keyword()}
		return
	}
	cmd, err := typed(node)
	if err != nil {
		in.lazy.err = inner(err)
		return
	}
	if run, ok := cmd.(*instructions.RunCommand); ok {
		cmd = withoutFlags(run)
	}
	in.lazy.cmd = cmd
}

// quiet reports nothing. Without a linter, BuildKit crashes on a check directive above an instruction.
var quiet = linter.New(&linter.Config{})

// typed is what BuildKit makes of a node, wherever it stands.
func typed(node *parser.Node) (any, error) {
	node.StartLine, node.EndLine = 0, 0
	if len(node.PrevComment) == 0 {
		node.PrevComment = nil // not what is left of a line that was a parser directive
	}
	cmd, err := instructions.ParseInstructionWithLinter(node, quiet)
	if run, ok := cmd.(*instructions.RunCommand); ok && err == nil {
		slices.Sort(run.FlagsUsed) // BuildKit leaves them in random order
	}
	return cmd, err
}

// withoutFlags is the command without what BuildKit needs to expand its flags: a kilobyte, of a RUN that has none too.
func withoutFlags(run *instructions.RunCommand) *instructions.RunCommand {
	return &instructions.RunCommand{ShellDependantCmdLine: run.ShellDependantCmdLine, FlagsUsed: run.FlagsUsed}
}

// inner is BuildKit's error without places. They are of no use, and one for each line.
func inner(err error) error {
	var located *parser.LocationError
	for errors.As(err, &located) && located.Unwrap() != nil {
		err = located.Unwrap()
	}
	return err
}

// node is BuildKit's syntax tree of the instruction.
func (in *Instruction) node() (*parser.Node, error) {
	nodes, err := parse(in.Text, in.escape)
	if err != nil {
		return nil, err
	}
	if len(nodes) != 1 {
		return nil, errors.New("the text is not one instruction")
	}
	return nodes[0], nil
}

// parse is BuildKit's parser for a part of a file that has its header left out.
func parse(src string, escape byte) ([]*parser.Node, error) {
	// The empty line keeps leading comments from being read as parser directives.
	head := "\n"
	if escape == '`' {
		head = "# escape=`\n\n"
	}
	result, err := parser.Parse(io.MultiReader(strings.NewReader(head), strings.NewReader(src)))
	if err != nil {
		return nil, err
	}
	return result.AST.Children, nil
}
