package completion

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"layerwise/build/images"
	"layerwise/dockerfile/grammar"
	"layerwise/dockerfile/stages"
)

// argument are the items for an argument that is no command.
func (l *list) argument() {
	p := &l.place
	in := grammar.Find(p.Name)
	if in == nil {
		return
	}
	switch p.Name {
	case "FROM":
		l.base()
	case "HEALTHCHECK":
		if p.N == 0 && (len(p.Words) == 0 || p.Words[0].Span.Start <= p.Offset) { // else it has one already
			for i, word := range []string{"CMD", "NONE"} {
				l.add(Item{Label: word, Kind: Keyword, Doc: sentence(in.Forms[2*i].Args[0].Doc), Bucket: 1 + i})
			}
		}
	case "COPY", "ADD":
		l.path(p.N)
		if p.N == 0 && p.Typed == "" && l.lineEnds() {
			l.json(`["«source»", "«./»"]`, "for names with blanks")
			l.heredoc()
		}
	case "VOLUME":
		l.workdirs(1)
	case "WORKDIR":
		l.workdirs(1)
		if p.Typed == "" || p.Typed[0] == '/' {
			for i, dir := range []string{"/app", "/src", "/usr/src/app"} {
				l.addNew(Item{Label: dir, Kind: Folder, Bucket: 30 + i})
			}
		}
	case "USER":
		l.users()
	case "STOPSIGNAL":
		l.more = true
		for i, s := range grammar.Signals {
			if s.Doc != "" || p.Typed != "" {
				l.add(Item{Label: s.Name, Kind: Value, Detail: s.Doc, Bucket: 10 + i})
			}
		}
	case "EXPOSE":
		l.ports()
	case "LABEL":
		l.labels()
	case "ARG":
		l.args()
	case "SHELL":
		l.shells()
	}
	if p.N == 0 && p.Typed == "" {
		l.flags()
	}
}

// base are the items behind FROM: what it builds on, AS, and the name of the stage.
func (l *list) base() {
	switch l.place.N {
	case 0:
		l.stages(false)
		l.images()
	case 1:
		l.add(Item{Label: "AS", Kind: Keyword, Detail: "gives the stage a name", Doc: "`FROM`, `COPY --from`, mounts and `--target` call the stage by its name.", Text: "AS "})
	case 2:
		if len(l.place.Words) < 2 || !strings.EqualFold(l.place.Words[1].Name, "AS") {
			return
		}
		taken := map[string]bool{}
		for i, s := range l.doc.Graph.Stages {
			taken[s.Name] = i != l.stage()
		}
		for _, b := range l.doc.Builds() {
			if t := strings.ToLower(b.Target); t != "" && !taken[t] {
				taken[t] = true
				l.add(Item{Label: t, Kind: Stage, Detail: "built by " + b.File, Bucket: 0})
			}
		}
		for i, n := range []struct{ name, detail string }{
			{"build", "what compiles or bundles"}, {"base", "what others build on"}, {"deps", "what the project needs"}, {"test", "what runs the tests"}, {"dev", "what people develop in"}, {"final", "what users get"},
		} {
			if !taken[n.name] {
				l.add(Item{Label: n.name, Kind: Stage, Detail: n.detail, Bucket: 1 + i})
			}
		}
	}
}

// json is the form of the arguments as a JSON array.
func (l *list) json(source, detail string) {
	t := templateOf(source)
	l.add(Item{Label: t.Text, Kind: Value, Detail: detail, Template: t, Bucket: jsonBucket})
}

// array are whole JSON arrays, in the place of one in which nothing stands yet.
func (l *list) array() {
	p, src := &l.place, l.doc.File.Src
	line := src[:p.Offset][strings.LastIndexByte(src[:p.Offset], '\n')+1:]
	open := strings.TrimRight(line, " \t")
	if len(p.Words) > 0 || !strings.HasSuffix(open, "[") {
		return
	}
	p.Word.Start = p.Offset - len(line) + len(open) - 1
	p.Typed = p.Word.Of(src)
	if rest := strings.TrimLeft(src[p.Offset:], " \t"); strings.HasPrefix(rest, "]") {
		p.Word.End = len(src) - len(rest) + 1
	}
	switch p.Name {
	case "SHELL":
		l.shells()
	case "CMD", "ENTRYPOINT":
		l.starts()
	case "COPY", "ADD":
		if l.lineEnds() {
			l.json(`["«source»", "«./»"]`, "for names with blanks")
		}
	}
}

// shells are values of SHELL.
func (l *list) shells() {
	step := l.step()
	windows := step != nil && step.Stage != nil && step.Stage.Windows
	forms := []struct{ text, detail string }{
		{`["/bin/bash", "-o", "pipefail", "-c"]`, "a RUN fails if any command of a pipe does"},
		{`["/bin/ash", "-eo", "pipefail", "-c"]`, "the same on Alpine"},
		{`["/bin/sh", "-c"]`, "the default"},
	}
	if windows {
		forms = []struct{ text, detail string }{
			{`["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]`, "stops at the first error"},
			{`["pwsh", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]`, "the same with PowerShell 7"},
			{`["cmd", "/S", "/C"]`, "the default"},
		}
	} else if step != nil && step.Stage != nil {
		if f, ok := images.Of(step.Stage); ok && len(f.Shells) > 0 && !slices.Contains(f.Shells, "bash") {
			forms[0], forms[1] = forms[1], forms[0]
		}
	}
	for i, f := range forms {
		l.add(Item{Label: f.text, Kind: Value, Detail: f.detail, Doc: "It runs the RUN steps below; another shell reruns them all.", Bucket: 1 + i})
	}
}

// args are names for ARG: those from above the first FROM, which a stage declares again, and those of the platform.
func (l *list) args() {
	if strings.Contains(l.place.Typed, "=") || l.stage() < 0 {
		return
	}
	step := l.step()
	declared := func(name string) bool {
		if step == nil {
			return false
		}
		v, ok := step.Vars.Lookup(name)
		return ok && v.Step != nil
	}
	l.doc.Graph.GlobalVars().All(func(v *stages.Scope) bool {
		if v.Step != nil && !declared(v.Name) {
			l.add(Item{Label: v.Name, Kind: Variable, Detail: "from above the first FROM", Doc: "The stage sees it only if it declares it.", Bucket: 1})
		}
		return true
	})
	for _, b := range l.doc.Builds() {
		for name := range b.Args {
			if !declared(name) {
				l.addNew(Item{Label: name, Kind: Variable, Detail: "passed by " + b.File, Bucket: 2})
			}
		}
	}
	slices.SortStableFunc(l.items, func(a, b Item) int { return strings.Compare(a.Label, b.Label) })
	for i, v := range grammar.PlatformArgs {
		if !declared(v.Name) {
			l.addNew(Item{Label: v.Name, Kind: Variable, Detail: v.Doc, Bucket: 10 + i})
		}
	}
}

// annotations are the keys of labels that registries and tools read. Source: the OCI image specification, annotations.md.
var annotations = []struct{ key, detail string }{
	{"title", "the name for people"}, {"description", "what is in it"}, {"source", "the address of the sources"}, {"version", "of what is in it"},
	{"revision", "the commit that it is built of"}, {"licenses", "as SPDX writes it: Apache-2.0"}, {"url", "where to find out more"}, {"documentation", "where it is documented"},
	{"authors", "who answers for it"}, {"vendor", "who distributes it"}, {"created", "when it was built: each time another value"}, {"ref.name", "the name of the target"},
	{"base.name", "the image that it builds on"}, {"base.digest", "and its digest"},
}

// labels are keys for LABEL.
func (l *list) labels() {
	if strings.ContainsAny(l.place.Typed, `="'`) {
		return
	}
	given := map[string]bool{}
	step := l.step()
	if step != nil && step.Stage != nil {
		for _, s := range step.Stage.Steps {
			if s.Instr.Name == "LABEL" {
				for _, w := range s.Instr.Words {
					key, _, _ := strings.Cut(w.Text, "=")
					given[strings.Trim(key, `"'`)] = s.Instr != l.place.Instr
				}
			}
		}
	}
	span := l.place.Word
	if eq := strings.IndexByte(span.Of(l.doc.File.Src), '='); eq >= 0 {
		span.End = span.Start + eq
	}
	for i, a := range annotations {
		key := "org.opencontainers.image." + a.key
		if given[key] {
			continue
		}
		it := Item{Label: key, Kind: Value, Detail: a.detail, Doc: "Labels make no layer, and rerun no RUN below.", Bucket: 1 + i}
		if span.End == l.place.Word.End {
			it.Text = key + "="
			it.Template = &Template{Text: key + `=""`}
			at := len(it.Template.Text) - 1
			it.Template.Stops = append(it.Template.Stops, spanAt(at))
		}
		l.addAt(it, span)
	}
}

var (
	portName = regexp.MustCompile(`(?i)(^|_)PORT$`)
	portWord = regexp.MustCompile(`(?:--?p(?:ort)?[= ]+|:|(?i:port)[" ,=:]+)(\d{2,5})\b`)
)

// ports are those that the file speaks of, those of the base image, and common ones; behind a number, protocols.
func (l *list) ports() {
	if port, _, slash := strings.Cut(l.place.Typed, "/"); slash {
		for i, protocol := range grammar.Protocols {
			l.add(Item{Label: port + "/" + protocol, Kind: Value, Bucket: 1 + i})
		}
		return
	}
	seen := map[string]bool{}
	for _, w := range l.place.Words {
		port, _, _ := strings.Cut(w.Name, "/")
		seen[port] = !w.Span.Contains(l.place.Offset)
	}
	add := func(port, detail string, bucket int) {
		if n, err := strconv.Atoi(port); err == nil && n > 0 && n < 1<<16 && !seen[port] {
			seen[port] = true
			l.add(Item{Label: port, Kind: Value, Detail: detail, Doc: "EXPOSE publishes no port: `docker run -p` does. It makes no layer.", Bucket: bucket})
		}
	}
	l.scope().All(func(v *stages.Scope) bool {
		if v.Value.Known && portName.MatchString(v.Name) {
			add(v.Value.Text, "the value of "+v.Name, 1)
		}
		return true
	})
	steps := 0
	for _, stage := range l.doc.Graph.Stages {
		for _, s := range stage.Steps {
			if steps++; steps > 10*maxAbove || s.Instr == l.place.Instr {
				continue
			}
			switch s.Instr.Name {
			case "EXPOSE":
				for _, w := range s.Instr.Words {
					port, _, _ := strings.Cut(w.Text, "/")
					add(port, "used in line "+strconv.Itoa(l.doc.Graph.Line(s)), 3)
				}
			case "CMD", "ENTRYPOINT", "HEALTHCHECK":
				for _, m := range portWord.FindAllStringSubmatch(s.Instr.Args.Of(s.Instr.Text), -1) {
					add(m[1], s.Instr.Name+" in line "+strconv.Itoa(l.doc.Graph.Line(s))+" names it", 2)
				}
			}
		}
	}
	if s := l.step(); s != nil && s.Stage != nil {
		if f, ok := images.Of(s.Stage); ok {
			for _, port := range f.Expose {
				port, _, _ = strings.Cut(port, "/")
				add(port, "of the base image", 4)
			}
		}
	}
	for i, port := range []string{"80", "443", "3000", "5432", "8000", "8080"} {
		add(port, "", 10+i)
	}
}
