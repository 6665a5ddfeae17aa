package syntax

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"layerwise/dockerfile/text"
	"layerwise/internal/corpus"
)

// seeds are small files that each have a trap in them.
var seeds = []string{
	"",
	"\n \n",
	"# only\n# comments",
	"FROM a\nRUN b\n",
	"FROM a\r\n# c\r\nRUN b \\\r\n  # inner\r\n\r\n  && c\r\n",
	"\xef\xbb\xbf# syntax=docker/dockerfile:1\n# escape=`\nFROM a\nRUN b `\n  c:\\\n",
	"# escape=x\nFROM a\n",
	"# escape=`\n# escape=\\\nFROM a\n",
	"  # Check = skip=all \nFROM a\n# escape=`\nRUN b \\\n c\n",
	"#!/usr/bin/x\n# syntax=example.com/other\nFORM a\n",
	"FROM a\nRUN <<EOF cat - <<-'END' >x\nb\nEOF\n\tc\n\tEND\nRUN d\n",
	"FROM a\nCOPY <<\"a b\" <<\\x /\n1\na b\n2\nx\n",
	"FROM a\nRUN cat <<EOF\nunterminated\n",
	"FROM a\nONBUILD RUN <<EOF\nb\nEOF\nONBUILD ONBUILD RUN <<EOF\n",
	"FROM a\nRUN [\"b\", \"<<EOF\"]\nRUN [\"b\", 1]\nCMD [ \"a\\\"b\" , \"\\u00e9\" ]\n",
	"FROM a\nRUN echo ${X:-y} '<<A' <<B\nB\nRUN 3<<C 1<2 << D\nC\nD\n",
	"FROM a AS b\nRUN --mount=type=cache,target=/x --network=\"none\" -- --not a flag\nCOPY --from=b --form=b x y\n",
	"\\\nFROM a\n\\\n\n",
	"RU\\\nN a\nFROM\\\n b \\  \nc\\\\\nUSER x\\",
	"FROM a\nENV A=1 B C=\"d e\" =f\nENV old  value of it \nLABEL x\nARG A=1 B\n",
	"FROM a\nHEALTHCHECK --interval=1x --retries=-1 CMD [\"a\"]\nHEALTHCHECK NONE\nHEALTHCHECK FOO\n",
	"FROM\x00a\nRUN \xff\xfe \u00a0b \x85c\u2028\nHEALTHCHEC\u212a NONE\n",
	"ENV A=1\nFROM a\nVOLUME [\"\"]\nEXPOSE 1 \t2\nSHELL [\"a\"]\nSTOPSIGNAL 9\nMAINTAINER a b\n",
	"FROM a\nX " + strings.Repeat("long ", 14000) + "\nRUN y\n# " + strings.Repeat("long ", 14000),
	"FROM a\n" + strings.Repeat("\xa3", 400) + "\n  #\nRUN x\n",
	"FROM a\n# check=skip=all;error=true\nRUN x\n#check=skip=A // why\n# check=x\nCOPY a\n# check=experimental=all\nCOYP a b\n",
	"FROM a\nRUN --=x --\"q\\\"=r\"=1 --\\\n--y b\n#\n#c\nFROM b AS -c\n",
}

// FuzzParse: the texts put together are the source, every span lies in order inside its text, and
// nothing that can be asked about an instruction panics.
func FuzzParse(f *testing.F) {
	for _, src := range seeds {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		if err := checkSpans(Parse(src)); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzEdit: an edited tree is the tree of the edited text, for batches and for rows of edits.
func FuzzEdit(f *testing.F) {
	for i, src := range seeds {
		f.Add(src, uint64(i))
	}
	f.Fuzz(func(t *testing.T, src string, seed uint64) {
		if err := checkEdits(src, seed, 5); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzBuildKit: what BuildKit accepts, we see as it does; what it rejects, we report, and vice versa.
func FuzzBuildKit(f *testing.F) {
	for _, src := range seeds {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		if err := checkBuildKit(src); err != nil {
			t.Fatal(err)
		}
	})
}

func TestCorpus(t *testing.T) {
	n, seed := 0, corpus.Seed(t)
	for name, src := range corpus.Some(t, 3, seed) {
		if err := errors.Join(checkSpans(Parse(src)), checkBuildKit(src)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		// Very long files take most of the time and teach nothing more.
		if len(src) < 64*1024 {
			if err := checkEdits(src, seed+uint64(n), 8); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		n++
	}
	t.Logf("%d files", n)
}

func checkSpans(f *File) error {
	all := f.Header
	for i, in := range f.Instructions {
		if f.Start(i) != len(all) || f.Index(len(all)) != i {
			return fmt.Errorf("instruction %d starts at %d, Start says %d, Index %d", i, len(all), f.Start(i), f.Index(len(all)))
		}
		all += in.Text
		if err := checkInstruction(in); err != nil {
			return fmt.Errorf("instruction %d, %q: %w", i, in.Text, err)
		}
	}
	if all+f.Trailer != f.Src {
		return errors.New("the texts put together are not the source")
	}
	if f.Header != "" && f.Index(0) != -1 || f.Index(len(f.Src)+1) != len(f.Instructions) {
		return errors.New("Index is wrong outside the instructions")
	}
	for _, d := range f.Directives {
		if err := inOrder(len(f.Header), d.Span.Start, d.NameSpan.Start, d.NameSpan.End, d.ValueSpan.Start, d.ValueSpan.End, d.Span.End); err != nil {
			return fmt.Errorf("directive %s: %w", d.Name, err)
		}
	}
	for _, e := range f.Errors {
		if err := inOrder(len(f.Src), e.Span.Start, e.Span.End); err != nil {
			return fmt.Errorf("error %q: %w", e.Message, err)
		}
	}
	return nil
}

func checkInstruction(in *Instruction) error {
	at := []int{0}
	for _, c := range in.Comments {
		at = append(at, c.Start, c.End)
	}
	at = append(at, in.Keyword.Start, in.Keyword.End)
	for _, f := range in.Flags {
		at = append(at, f.Span.Start, f.Name.Start, f.Name.End, f.Value.Start, f.Value.End, f.Span.End)
	}
	words := []int{in.Args.Start}
	for _, w := range in.Words {
		words = append(words, w.Span.Start, w.Span.End)
	}
	inner := []int{}
	for _, c := range in.Inner {
		inner = append(inner, c.Start, c.End)
	}
	ops := []int{in.Args.Start}
	bodies := []int{in.Args.End}
	for _, h := range in.Heredocs {
		ops = append(ops, h.Op.Start)
		bodies = append(bodies, h.Content.Start, h.Content.End, h.End.Start, h.End.End)
	}
	joined := []int{}
	for i := range in.joined.Line {
		at, line := in.joined.At(i), in.joined.Line
		if in.Text[at] != line[i] {
			return fmt.Errorf("byte %d of the joined line is not at %d", i, at)
		}
		joined = append(joined, at)
	}
	for _, row := range [][]int{append(at, in.Args.Start, in.Args.End), append(words, in.Args.End), inner,
		append(ops, in.Args.End), bodies, joined, {in.Keyword.Start, in.Body.Start, in.Body.End}} {
		if err := inOrder(len(in.Text), row...); err != nil {
			return err
		}
	}
	if (in.Cmd() == nil) == (in.Err() == nil) {
		return errors.New("there must be either a command or an error")
	}
	if in.Err() == nil && len(in.Errors()) > 0 || in.Err() != nil && !in.custom && len(in.Errors()) == 0 {
		return fmt.Errorf("errors %v for BuildKit's %v", in.Errors(), in.Err())
	}
	for _, e := range in.Errors() {
		if err := inOrder(len(in.Text), e.Span.Start, e.Span.End); err != nil {
			return fmt.Errorf("error %q: %w", e.Message, err)
		}
		if strings.ContainsAny(e.Span.Of(in.Text), "\r\n") || e.Message == "" {
			return fmt.Errorf("error %q at %q", e.Message, e.Span.Of(in.Text))
		}
	}
	return nil
}

func inOrder(limit int, offsets ...int) error {
	last := 0
	for _, o := range offsets {
		if o < last || o > limit {
			return fmt.Errorf("offsets %v are not in order up to %d", offsets, limit)
		}
		last = o
	}
	return nil
}

// checkEdits makes a row of random batches and compares each tree with that of the text alone, and
// the last one with BuildKit.
func checkEdits(src string, seed uint64, batches int) error {
	random := rand.New(rand.NewPCG(seed, 1))
	f := Parse(src)
	for range batches {
		edits := randomEdits(random, f.Src)
		before := f
		f = f.Edit(edits)
		if f.Src != text.Apply(before.Src, edits) {
			return errors.New("the edited tree has another source")
		}
		if err := sameTree(f, Parse(f.Src)); err != nil {
			return fmt.Errorf("%w\nafter %+v\non %q", err, edits, before.Src)
		}
	}
	return errors.Join(checkSpans(f), checkBuildKit(f.Src))
}

var snippets = []string{"\n", "\r\n", "\\", "\\\n", "`", "`\n", "#", "# ", "<<EOF", "<<-\"EOF\" <<B", "\nEOF\n", "\nB\n", "'", "\"", " ", "=", "[\"",
	"\"]", "--", "--from=a ", "RUN ", "\nRUN x\n", "\nFROM a\n", "x", "é🐳", "\x00", "\xff", "\t", "# escape=`\n", "# syntax=x/y\n", "\nONBUILD "}

func randomEdits(random *rand.Rand, src string) []text.Edit {
	var edits []text.Edit
	at := 0
	for range 1 + random.IntN(3)*random.IntN(2) {
		start := at + random.IntN(len(src)-at+1)
		if random.IntN(8) == 0 {
			start = at
		}
		end := start
		switch random.IntN(8) {
		case 0, 1, 2:
			end = min(len(src), start+1)
		case 3:
			end = min(len(src), start+random.IntN(60))
		case 4:
			if n := strings.IndexByte(src[start:], '\n'); n >= 0 {
				start, end = start+n, start+n+1 // join two lines
			}
		}
		e := text.Edit{Span: text.Span{Start: start, End: end}}
		if start == end || random.IntN(3) == 0 {
			e.New = snippets[random.IntN(len(snippets))]
		}
		edits = append(edits, e)
		at = end
		if at == len(src) {
			break
		}
	}
	random.Shuffle(len(edits), func(i, j int) { edits[i], edits[j] = edits[j], edits[i] })
	return edits
}

// sameTree compares everything but what is computed on demand.
func sameTree(a, b *File) error {
	if a.Src != b.Src || a.Header != b.Header || a.Trailer != b.Trailer || a.Escape != b.Escape || a.CustomFrontend() != b.CustomFrontend() {
		return fmt.Errorf("headers %q and %q, trailers %q and %q", a.Header, b.Header, a.Trailer, b.Trailer)
	}
	if !reflect.DeepEqual(a.Directives, b.Directives) || !reflect.DeepEqual(a.Errors, b.Errors) {
		return fmt.Errorf("directives %v and %v, errors %v and %v", a.Directives, b.Directives, a.Errors, b.Errors)
	}
	if len(a.Instructions) != len(b.Instructions) || !reflect.DeepEqual(a.starts, b.starts) {
		return fmt.Errorf("%d and %d instructions, starts %v and %v", len(a.Instructions), len(b.Instructions), a.starts, b.starts)
	}
	for i, in := range a.Instructions {
		if other := b.Instructions[i]; in != other && !reflect.DeepEqual(plain(in), plain(other)) {
			return fmt.Errorf("instruction %d:\n%+v\n%+v", i, plain(in), plain(other))
		}
	}
	return nil
}

// plain is the instruction without what is computed on demand.
func plain(in *Instruction) []any {
	return []any{in.Text, in.Comments, in.Keyword, in.Name, in.Flags, in.Args, in.Body, in.Heredocs, in.Inner, in.JSON, in.Words,
		in.joined, in.escape, in.custom, in.open, in.tooLong}
}

// checkBuildKit compares the tree with what BuildKit makes of the whole file.
func checkBuildKit(src string) error {
	f := Parse(src)
	result, err := parser.Parse(strings.NewReader(src))
	var typeErr error
	if err == nil {
		_, _, typeErr = instructions.Parse(result.AST, quiet)
	}
	if !f.CustomFrontend() {
		if ours := allErrors(f); (len(ours) > 0) != (err != nil || typeErr != nil) {
			return fmt.Errorf("BuildKit says %v, %v; we say %v", err, typeErr, ours)
		}
	}
	if err != nil {
		return nil
	}
	if len(result.AST.Children) != len(f.Instructions) || byte(result.EscapeToken) != f.Escape {
		return fmt.Errorf("BuildKit sees %d instructions, escape %q; we see %d, %q", len(result.AST.Children), result.EscapeToken, len(f.Instructions), f.Escape)
	}
	line := 1 + strings.Count(f.Header, "\n")
	for i, node := range result.AST.Children {
		in := f.Instructions[i]
		if header := strings.TrimPrefix(f.Header, byteOrderMark); i == 0 && strings.HasPrefix(header, "#!") {
			// To BuildKit's parser these lines are comments, of the first instruction if no blank line follows.
			node.PrevComment = node.PrevComment[min(len(node.PrevComment), strings.Count(header, "\n")):]
		}
		if err := sameInstruction(node, in, line); err != nil {
			return fmt.Errorf("instruction %d, %q: %w", i, in.Text, err)
		}
		line += strings.Count(in.Text, "\n")
	}
	return nil
}

// allErrors are the errors that correspond to ones of parser.Parse and instructions.Parse. That
// there is no stage is only found later in a build, if all there is are ARGs.
func allErrors(f *File) []Error {
	var all []Error
	onlyArgs := true
	for _, in := range f.Instructions {
		all = append(all, in.Errors()...)
		onlyArgs = onlyArgs && in.Name == "ARG"
	}
	if len(f.Instructions) > 0 && onlyArgs {
		for _, e := range f.Errors {
			if !strings.Contains(e.Message, "no FROM") {
				all = append(all, e)
			}
		}
		return all
	}
	return append(all, f.Errors...)
}

// sameInstruction compares one instruction, whose Text begins at the given line, with BuildKit's.
func sameInstruction(node *parser.Node, in *Instruction, line int) error {
	start := line + strings.Count(in.Text[:in.joined.segs[0].text], "\n")
	end := line + strings.Count(strings.TrimSuffix(in.Text, "\n"), "\n")
	if node.StartLine != start || node.EndLine != end {
		return fmt.Errorf("BuildKit says lines %d to %d; we say %d to %d", node.StartLine, node.EndLine, start, end)
	}
	if node.Original != in.Joined().Line {
		return fmt.Errorf("BuildKit reads %q; we read %q", node.Original, in.Joined().Line)
	}
	if canonicalName(node.Value) != in.Name || node.Attributes["json"] != in.JSON {
		return fmt.Errorf("BuildKit says %q, JSON %v; we say %q, JSON %v", node.Value, node.Attributes["json"], in.Name, in.JSON)
	}
	var flags, comments []string
	for _, f := range in.Flags {
		flags = append(flags, f.word)
	}
	if fmt.Sprintf("%q", flags) != fmt.Sprintf("%q", append([]string(nil), node.Flags...)) {
		return fmt.Errorf("BuildKit's flags %q; ours %q", node.Flags, flags)
	}
	for _, c := range in.Comments {
		// BuildKit drops the first byte of the line, which need not be the '#'.
		begin := strings.LastIndexByte(in.Text[:c.Start], '\n') + 1
		comment := strings.TrimSpace(in.Text[begin+1 : c.End])
		comments = append(comments, comment)
		if comment == "" {
			comments = nil
		}
	}
	if strings.Join(node.PrevComment, "\n") != strings.Join(comments, "\n") {
		return fmt.Errorf("BuildKit's comments %q; ours %q", node.PrevComment, comments)
	}
	var docs []parser.Heredoc
	for i, h := range in.Heredocs {
		doc := parser.Heredoc{Name: h.Name, Expand: h.Expand, Chomp: h.Chomp, Content: h.Content.Of(in.Text)}
		if i < len(node.Heredocs) {
			doc.FileDescriptor = node.Heredocs[i].FileDescriptor
		}
		docs = append(docs, doc)
	}
	if !reflect.DeepEqual(docs, node.Heredocs) {
		return fmt.Errorf("BuildKit's heredocs %+v; ours %+v", node.Heredocs, docs)
	}
	cmd, err := typed(node)
	if run, ok := cmd.(*instructions.RunCommand); ok && err == nil {
		if again := in.Retype(); !reflect.DeepEqual(cmd, again) {
			return fmt.Errorf("BuildKit's command %+v; ours again %+v", cmd, again)
		}
		cmd = withoutFlags(run)
	}
	if (err == nil) != (in.Err() == nil) || err == nil && !reflect.DeepEqual(cmd, in.Cmd()) {
		return fmt.Errorf("BuildKit's command %+v, %v; ours %+v, %v", cmd, err, in.Cmd(), in.Err())
	}
	// Instructions are typed together after Parse, and alone after Edit.
	alone := scanner{src: in.Text, escape: in.escape, custom: in.custom}
	if other := alone.next(); !reflect.DeepEqual(other.Cmd(), in.Cmd()) || (other.Err() == nil) != (in.Err() == nil) ||
		!reflect.DeepEqual(other.Errors(), in.Errors()) {
		return fmt.Errorf("typed alone it is %+v, %v, %v; typed with the file %+v, %v, %v",
			other.Cmd(), other.Err(), other.Errors(), in.Cmd(), in.Err(), in.Errors())
	}
	return sameWords(node, in)
}

// sameWords compares the words where BuildKit splits the arguments.
func sameWords(node *parser.Node, in *Instruction) error {
	var want []string
	switch in.Name {
	case "ENV", "LABEL":
		for n := node.Next; n != nil; n = n.Next.Next.Next {
			if n.Next.Next.Value == "=" {
				want = append(want, n.Value+"="+n.Next.Value)
				continue
			}
			want = append(want, n.Value)
			if n.Next.Value != "" {
				want = append(want, n.Next.Value)
			}
		}
	case "ADD", "ARG", "COPY", "EXPOSE", "FROM", "MAINTAINER", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR":
		for n := node.Next; n != nil; n = n.Next {
			want = append(want, n.Value)
		}
	default:
		if !in.JSON || in.Name == "HEALTHCHECK" {
			return nil
		}
		for n := node.Next; n != nil; n = n.Next {
			want = append(want, n.Value)
		}
	}
	var got []string
	for _, w := range in.Words {
		got = append(got, w.Text)
	}
	if in.Name == "ARG" || in.Name == "ENV" || in.Name == "LABEL" {
		// Here BuildKit reads characters, and drops an escape character at the very end.
		for _, words := range [][]string{got, want} {
			for i := range words {
				words[i] = string([]rune(words[i]))
			}
		}
		if n := len(got) - 1; n >= 0 && len(want) == n+1 && got[n] == want[n]+string(in.escape) {
			got[n] = want[n]
		}
	}
	if !reflect.DeepEqual(got, want) {
		return fmt.Errorf("BuildKit's words %q; ours %q", want, got)
	}
	return nil
}
