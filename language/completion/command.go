package completion

import (
	"encoding/json"
	"maps"
	"path"
	"slices"
	"strings"

	"layerwise/build/files"
	"layerwise/build/images"
	"layerwise/dockerfile/grammar"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/text"
	"layerwise/internal/words"
)

// command are the items in a command for the shell: flags before it, then what is usual, and what the table of programs
// knows of the one that is typed.
func (l *list) command() {
	p := &l.place
	typed := p.Words[0].Name
	if strings.TrimSpace(typed) == "" && p.Word.Len() == 0 {
		if p.N == 0 {
			l.flags() // not behind HEALTHCHECK CMD
		}
		l.starts()
		l.heredoc()
	}
	if p.Name == "RUN" {
		l.shellWords(typed)
	}
}

// heredoc is a here-document as the arguments: of RUN the script, of COPY and ADD a file.
func (l *list) heredoc() {
	in := grammar.Find(l.place.Name)
	src := l.doc.File.Src
	line := l.doc.File.Lines().Span(l.doc.File.Lines().Line(l.place.Offset)).Of(src)
	step := l.step()
	_, from := l.from()
	// An editor may indent the lines like the one of the cursor, and then the end is none.
	indented := line == "" || line[0] == ' ' || line[0] == '\t'
	if in == nil || !in.Heredocs || from || indented || step == nil || step.Stage == nil || step.Stage.Windows || l.place.OnBuild || !l.lineEnds() || len(l.place.Instr.Heredocs) > 0 || l.tooOld("1.4") != "" {
		return
	}
	end := "\n"
	if strings.Contains(src, "\r\n") {
		end = "\r\n"
	}
	it := Item{Label: "<<EOF", Kind: Value, Detail: "a script of several lines", Doc: "The lines up to `EOF` are a script for the shell. It stops at an error only if it begins with `set -e`.", Bucket: jsonBucket}
	source := "<<EOF" + end + "«»" + end + "EOF"
	if l.place.Name != "RUN" {
		it.Label, it.Detail, it.Doc = "<<EOF FILE", "a file with the text that follows", "The lines up to `EOF` are the file, variables replaced. It is a part of the Dockerfile: the step reruns when it has changed."
		source = "<<EOF «/file»" + end + "«»" + end + "EOF"
	}
	it.Template = templateOf(source)
	it.Text = it.Template.Text
	l.add(it)
}

// starts are forms of CMD and ENTRYPOINT: a list of words, so that the program is started without a shell and gets signals.
func (l *list) starts() {
	if l.place.Name != "CMD" && l.place.Name != "ENTRYPOINT" || !l.lineEnds() {
		return
	}
	if step := l.step(); step != nil && step.Stage != nil {
		if f, ok := images.Of(step.Stage); ok && f.Kind == images.Runtime && len(f.Cmd.Argv) == 1 && !strings.ContainsAny(f.Cmd.Argv[0], `"\\`) {
			l.json(`["`+f.Cmd.Argv[0]+`", "«script»"]`, "what the image is for")
		}
	}
	l.json(`["«program»"]`, "starts it without a shell, so that it gets signals")
}

// script are the items in a here-document that is the script of a RUN.
func (l *list) script() {
	h := l.place.Doc
	if l.place.Name != "RUN" || l.place.Instr == nil || l.place.OnBuild || len(l.place.Instr.Heredocs) != 1 || l.place.Instr.Args != h.Op {
		return
	}
	start := l.doc.File.Start(l.place.Index) + h.Content.Start
	if start > l.place.Offset {
		return
	}
	script := l.doc.File.Src[start:l.place.Offset]
	if strings.HasPrefix(script, "#!") {
		return // the shell, or something else
	}
	// The word goes from the last sign that ends one.
	word := script[strings.LastIndexAny(script, " \t\n;&|()<>\"'`")+1:]
	l.place.Word = text.Span{Start: l.place.Offset - len(word), End: l.place.Offset}
	l.place.Typed = word
	l.shellWords(script)
}

// maxScript bounds the text before the cursor that is read for each answer.
const maxScript = 64 << 10 // bytes

// shellWords are the items at the end of a script.
func (l *list) shellWords(script string) {
	step := l.step()
	if step == nil || step.Stage == nil || step.Stage.Windows || !shell.Reads(step.Shell) || len(script) > maxScript {
		return
	}
	t, ok := shell.TypedAt(script)
	if !ok || t.Word != l.place.Typed {
		return
	}
	l.more = true
	if len(t.Words) == 0 {
		l.lines(strings.TrimSpace(script) == t.Word)
		return
	}
	l.arguments(t)
}

// The buckets of what may be typed in a command.
const (
	phraseBucket  = 10
	programBucket = 50
)

// lines are whole commands, and programs when their first letter is typed. alone reports whether the RUN holds nothing
// else yet.
func (l *list) lines(alone bool) {
	around := l.surroundings()
	typed := l.place.Typed
	all := shell.Phrases()
	offered := map[string]bool{}
	for i := range all {
		p := &all[i]
		rank := around.rank(p)
		if rank == never || typed == "" && rank >= again {
			continue
		}
		it := Item{Label: strings.TrimSpace(p.Line()), Kind: Command, Doc: p.Doc, Bucket: phraseBucket + rank, Text: p.Line()}
		first := p.First
		if around.packages || slices.Contains(around.ran, strings.TrimSuffix(first, " && ")) || !alone {
			first = "" // the lists are there, or a command before it fetches them
		}
		it.Text = first + p.Line()
		if p.After != "" {
			after := templateOf("«" + p.After + "»")
			it.Template = &Template{Text: it.Text, Stops: []text.Span{{Start: len(it.Text), End: len(it.Text) + len(after.Text)}}}
			it.Template.Text += after.Text
			if alone {
				it.Template.Text += p.Last
			}
			it.Label += " …"
		}
		if offered[it.Label] || !l.lineEnds() {
			continue
		}
		offered[it.Label] = true
		it.Filter = strings.TrimSpace(p.Line())
		l.add(it)
	}
	if typed == "" {
		return
	}
	for _, name := range shell.Programs() {
		if shell.Manager(name) == "" || around.facts.PackageManager == "" || shell.IsManager(name, around.facts.PackageManager) {
			l.add(Item{Label: name, Kind: Command, Bucket: programBucket})
		}
	}
}

// arguments are sub-commands and options of the command that is typed.
func (l *list) arguments(t shell.Typed) {
	program := path.Base(t.Words[0])
	given := t.Words[1:]
	subs, value := t.Operands()
	switch value {
	case shell.ReadPath:
		l.copiedPaths()
		return
	case shell.OfOption:
		return
	}
	around := l.surroundings()
	all := shell.Phrases()
	option := strings.HasPrefix(l.place.Typed, "-")
	if len(subs) == 1 && !option && shell.RunsScript(program, subs[0]) {
		if l.scripts(around.bc); len(l.items) > 0 {
			return
		}
	}
	known := false // a phrase begins with these words
	for i := range all {
		p := &all[i]
		if p.Program != program {
			continue
		}
		begins := strings.Fields(p.Sub)
		switch {
		case len(subs) < len(begins) && slices.Equal(begins[:len(subs)], subs) && !option:
			// The rest of the sub-command, with what belongs to it if nothing else is there.
			rest := strings.Join(begins[len(subs):], " ")
			it := Item{Label: strings.TrimSpace(rest + " " + p.With), Kind: Command, Doc: p.Doc, Bucket: phraseBucket + around.rank(p)}
			if len(given) > len(subs) || !l.lineEnds() {
				it.Label = rest
			}
			it.Text = it.Label
			if p.After != "" && l.lineEnds() {
				it.Text += " "
			}
			l.add(it)
		case len(subs) >= len(begins) && slices.Equal(subs[:len(begins)], begins):
			if len(given) == len(begins) && !known && p.With != "" && l.lineEnds() {
				it := Item{Label: p.With, Kind: Command, Doc: p.Doc, Bucket: phraseBucket, Text: p.With}
				if p.After != "" {
					it.Text += " "
				}
				if strings.Contains(p.With, " ") || !strings.HasPrefix(p.With, "-") {
					l.add(it)
				}
			}
			if option || l.place.Typed == "" && len(given) == len(begins) {
				l.options(p.Options, given, phraseBucket+5)
			}
			known = true
		}
	}
	if option {
		l.options(shell.Options(program), given, programBucket)
		return
	}
	if l.place.Typed != "" && !known || len(subs) == 1 {
		for _, sub := range shell.Subs(program, subs...) {
			l.addNew(Item{Label: sub, Kind: Command, Bucket: programBucket})
		}
	}
}

// scripts are those of the package.json at the top of the context.
func (l *list) scripts(bc *files.Context) {
	if bc == nil || bc.Ignored("package.json") {
		return
	}
	src, err := bc.Read("package.json")
	if err != nil {
		return
	}
	var manifest struct{ Scripts map[string]string }
	if json.Unmarshal([]byte(src), &manifest) != nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(manifest.Scripts)) {
		if !strings.ContainsAny(name, " \t\r\n\"'$`\\") {
			l.addNew(Item{Label: name, Kind: Command, Detail: words.Shorten(words.OneLine(manifest.Scripts[name]), 60), Doc: "A script of package.json. It reruns when one of the sources that were copied above has changed.", Bucket: phraseBucket})
		}
	}
}

// options are those of a list that are not given yet.
func (l *list) options(options []shell.Option, given []string, bucket int) {
	for i, o := range options {
		if slices.ContainsFunc(given, func(w string) bool {
			return w == o.Name || strings.HasSuffix(o.Name, "=") && strings.HasPrefix(w, o.Name)
		}) {
			continue
		}
		l.addNew(Item{Label: o.Name, Kind: Flag, Detail: o.Doc, Bucket: bucket + min(i, 20)})
	}
}

// addNew adds an item unless one of its label, or one that begins with it, is there.
func (l *list) addNew(it Item) {
	if !slices.ContainsFunc(l.items, func(other Item) bool { return other.Label == it.Label || strings.HasPrefix(other.Label, it.Label+" ") }) {
		l.add(it)
	}
}
