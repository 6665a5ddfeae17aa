package hover

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"layerwise/dockerfile/grammar"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
	"layerwise/internal/words"
	"layerwise/language"
	"layerwise/language/cursor"
)

// partAt explains a part of an instruction that has a meaning of its own: a flag, a key of a mount, the word of a
// here-document, a command of a RUN. The span is relative to the file.
func partAt(in *language.Document, s *stages.Step, at, offset int) (markdown string, span text.Span, ok bool) {
	if markdown, span, ok := heredocAt(s, at); ok {
		return markdown, span.Shift(in.Graph.Offset(s)), true
	}
	if markdown, span, ok := commandAt(in, s, at); ok {
		return markdown, span.Shift(in.Graph.Offset(s)), true
	}
	p := cursor.At(in.File, offset+1)
	if strings.HasPrefix(in.File.Src[offset:], "=") && !p.Word.Contains(offset) {
		p = cursor.At(in.File, offset) // the end of a flag's or a key's name
	}
	if p.Word.Contains(offset) {
		markdown = grammarAt(in, s, &p)
		return markdown, p.Word, markdown != ""
	}
	return "", text.Span{}, false
}

// grammarAt explains what the language itself gives a meaning to.
func grammarAt(in *language.Document, s *stages.Step, p *cursor.Place) string {
	if row := grammar.Find(p.Word.Of(in.File.Src)); p.Kind == cursor.Keyword && p.OnBuild && row != nil {
		return "**" + row.Name + "** is for the builds that start from this image. " + row.Doc
	}
	row := grammar.Find(p.Name)
	if row == nil {
		return ""
	}
	switch p.Kind {
	case cursor.Flag:
		return flagText(row.Flag(strings.TrimPrefix(p.Word.Of(in.File.Src), "--")))
	case cursor.FlagValue:
		return paragraphs(taken(in, s, p), flagText(row.Flag(p.Flag)))
	case cursor.MountKey:
		return keyText(p, grammar.FindMountKey(p.Word.Of(in.File.Src)))
	case cursor.MountValue:
		key := grammar.FindMountKey(p.Key)
		if key != nil && key.Name == "type" {
			for _, t := range grammar.MountTypes {
				if strings.EqualFold(t.Name, p.Word.Of(in.File.Src)) {
					return "**type=" + t.Name + "**: " + t.Doc + "."
				}
			}
		}
		return paragraphs(taken(in, s, p), keyText(p, key))
	}
	return ""
}

// taken says what a --from, or the from of a mount, takes its files from.
func taken(in *language.Document, s *stages.Step, p *cursor.Place) string {
	name := p.Word.Of(in.File.Src)
	_, noNumber := strconv.Atoi(name)
	if s.Stage == nil || p.OnBuild || p.Key != "from" && (p.Flag != "from" || p.Name != "COPY") || p.Key != "" && noNumber == nil {
		return "" // a mount knows stages by their names only
	}
	if slices.Contains(in.Contexts, name) {
		return namedContext(in, name)
	}
	from := in.Graph.Find(name, s.Stage.Index)
	if from == nil {
		from = in.Graph.Find(name, len(in.Graph.Stages))
		if from == nil {
			return ""
		}
		if from == s.Stage {
			return fmt.Sprintf("**%s** is the stage of this very step, which cannot take files from itself.", name)
		}
		return fmt.Sprintf("**%s** is the stage that starts on line %d, below this step, which can take files only from stages above.", name, in.Graph.Line(from.Steps[0]))
	}
	return fmt.Sprintf("**%s** is the stage that starts on line %d: %s.", name, in.Graph.Line(from.Steps[0]), summary(from.Steps[0]))
}

// namedContext says what a build passes under a name, which counts before stages and images.
func namedContext(in *language.Document, name string) string {
	says := fmt.Sprintf("**%s** is a named context", name)
	for _, b := range in.Builds() {
		if what, ok := b.Contexts[name]; ok {
			if what.Of != "" {
				says += ": " + code(what.Of)
			}
			return says + ", by " + sourceWords(b.Source) + "."
		}
	}
	return says + " of the build."
}

func flagText(f *grammar.Flag) string {
	if f == nil {
		return ""
	}
	facts := []string{"**--" + f.Name + "**: " + f.Doc + "."}
	if f.Value == grammar.Choice {
		facts = append(facts, "It is "+words.Alternatives(codes(f.Values), "or")+".")
	}
	if f.Default != "" {
		facts = append(facts, "Without it: "+code(f.Default)+".")
	}
	if f.Since != "" {
		facts = append(facts, "Dockerfile "+f.Since+" and later.")
	}
	return sentences(facts)
}

func keyText(p *cursor.Place, key *grammar.MountKey) string {
	if key == nil || p.Flag != "mount" {
		return ""
	}
	name := "**" + key.Name + "**"
	if len(key.Aliases) > 0 {
		name += " (also " + words.Alternatives(codes(key.Aliases), "or") + ")"
	}
	return name + ": " + key.Doc + "."
}

func codes(list []string) []string {
	shown := make([]string, len(list))
	for i, s := range list {
		shown[i] = code(s)
	}
	return shown
}

// heredocAt explains the word of a here-document, where it begins and where it ends.
func heredocAt(s *stages.Step, at int) (string, text.Span, bool) {
	i := slices.IndexFunc(s.Instr.Heredocs, func(h syntax.Heredoc) bool { return h.Op.Contains(at) || h.End.Contains(at) })
	if i < 0 {
		return "", text.Span{}, false
	}
	h := s.Instr.Heredocs[i]
	name := s.Instr.Name
	if name == "ONBUILD" { // of which the trigger counts
		name, _, _ = strings.Cut(strings.ToUpper(s.Instr.Args.Of(s.Instr.Text)), " ")
	}
	span := h.Op
	if h.End.Contains(at) {
		span = h.End
	}
	lines := words.Count(strings.Count(h.Content.Of(s.Instr.Text), "\n"), "line")
	facts := []string{fmt.Sprintf("**%s** ends the text that begins below this line: %s.", h.Name, lines)}
	switch {
	case h.End.Contains(at):
		facts[0] = fmt.Sprintf("**%s** ends the text above: %s.", h.Name, lines)
	case h.End.Len() == 0:
		facts[0] = fmt.Sprintf("**%s** is to end the text that begins below, and is missing.", h.Name)
	}
	switch {
	case name == "RUN" && !h.Expand:
		facts = append(facts, "In quotes it means that the shell replaces no `$NAME` in the text of a command.")
	case name == "RUN":
		facts = append(facts, "The builder replaces nothing in it; the shell does.")
	case h.Expand:
		facts = append(facts, "The builder replaces each `$NAME` in it; put the word in quotes to keep them.")
	default:
		facts = append(facts, "In quotes it means that no `$NAME` is replaced.")
	}
	if h.Chomp {
		facts = append(facts, "With `-`, tabs at the beginning of its lines are left out.")
	}
	return sentences(facts), span, true
}

// directiveAt explains a parser directive.
func directiveAt(f *syntax.File, offset int) (string, text.Span, bool) {
	for _, d := range f.Directives {
		row := grammar.FindDirective(strings.ToLower(d.Name))
		if row == nil || !d.Span.Contains(offset) {
			continue
		}
		if name, span, ok := checkRuleAt(f, d, offset); ok {
			return name, span, true
		}
		return "**" + row.Name + "**: " + row.Doc + ".", d.Span, true
	}
	return typedDirective(f, offset)
}

// typedDirective explains a comment that becomes a directive when its value is typed.
func typedDirective(f *syntax.File, offset int) (string, text.Span, bool) {
	p := cursor.At(f, offset)
	if p.Kind != cursor.DirectiveName || !p.Equal {
		return "", text.Span{}, false
	}
	row := grammar.FindDirective(strings.ToLower(strings.TrimLeft(p.Word.Of(f.Src), "# \t")))
	if row == nil {
		return "", text.Span{}, false
	}
	return "**" + row.Name + "**: " + row.Doc + ".", p.Word, true
}

// checkRuleAt explains a name in the value of "# check=".
func checkRuleAt(f *syntax.File, d syntax.Directive, offset int) (string, text.Span, bool) {
	if !strings.EqualFold(d.Name, "check") || !d.ValueSpan.Contains(offset) {
		return "", text.Span{}, false
	}
	isPart := func(i int) bool {
		return i >= d.ValueSpan.Start && i < d.ValueSpan.End && !strings.ContainsRune(",;= \t", rune(f.Src[i]))
	}
	span := text.Span{Start: offset, End: offset}
	for isPart(span.Start - 1) {
		span.Start--
	}
	for isPart(span.End) {
		span.End++
	}
	for _, rule := range grammar.CheckRules {
		if rule.Name == span.Of(f.Src) {
			return "**" + rule.Name + "** of `docker build --check`: " + rule.Doc + ".", span, true
		}
	}
	for _, key := range grammar.FindDirective("check").Keys {
		if key.Name == span.Of(f.Src) {
			return "**" + key.Name + "**: " + key.Doc + ".", span, true
		}
	}
	return "", text.Span{}, false
}
