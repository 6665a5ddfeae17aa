package sources

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"layerwise/dockerfile/names"
	"layerwise/internal/lazy"
)

// bakeDefaults are the files that bake reads by itself, with the compose files, in their order.
var bakeDefaults = []string{"docker-bake.json", "docker-bake.hcl", "docker-bake.override.json", "docker-bake.override.hcl"}

// bakeNames are the names that people give to further files for bake's -f. Other .hcl files are not bake's
// as far as anyone can tell: Terraform and Packer have the same.
var bakeNames = lazy.New(`^(docker-bake.*\.(hcl|json)|(.+\.)?bake\.hcl)$`)

func isBake(name string) bool { return bakeNames.MatchString(path.Base(name)) }

// readBake reads a bake file as if bake was called with it. The files that bake reads together are read as
// one, with the first of them.
func readBake(r *reading) {
	dir := r.dir()
	var set []string
	for _, name := range bakeDefaults {
		if at := path.Join(dir, name); r.files.IsFile(at) {
			set = append(set, at)
		}
	}
	compose, only := true, ""
	if !slices.Contains(set, r.file) {
		// With -f alone, or after the default files, of which it then changes targets.
		alone, under := r.bake([]string{r.file}, nil, nil), (&reading{files: r.files, file: r.file, kind: r.kind}).bake(set, nil, nil)
		if alone == nil {
			return
		}
		if under == nil || !slices.ContainsFunc(alone.order, func(name string) bool { return under.targets[name] != nil }) {
			set = nil
		} else {
			only = r.file
		}
		r.notes = nil
		set = append(set, r.file)
		compose = false
	} else if set[0] != r.file {
		return
	}
	e := r.bake(set, nil, nil)
	if e == nil {
		return
	}
	e.only = only
	if services := r.composeBeside(dir, nil); compose && len(services) > 0 {
		with := r.bake(set, services, nil)
		if base, sure := with.base(with.plan(nil), dir); sure && base == dir {
			e = with
		}
	}
	plan := e.plan(nil)
	base, sure := e.base(plan, dir)
	e.emit(plan, base, sure)
}

// bake works out what files define, for a call if there is one. Compose files of a folder may be read with them. It is
// nil if a file cannot be read.
func (r *reading) bake(files []string, compose map[string]composeTarget, c *Call) *bakeEvaluator {
	e := newBakeEvaluator(r)
	if c != nil {
		e.environment, e.setAt = c.variable, c.Place
	}
	e.addServices(compose)
	if !e.read(files) {
		return nil
	}
	e.name()
	return e
}

// composeBeside are the builds of the compose files that bake reads in a folder if none is named: all, where
// compose takes the first.
func (r *reading) composeBeside(dir string, c *Call) map[string]composeTarget {
	var files []string
	for _, name := range composeDefaults {
		if at := path.Join(dir, name); r.files.IsFile(at) {
			files = append(files, at)
		}
	}
	if len(files) == 0 {
		return nil
	}
	return composeServices(r, files, dir, c)
}

// read loads files. It reports whether all could be read: bake refuses to run if one cannot.
func (e *bakeEvaluator) read(files []string) bool {
	for _, file := range files {
		src, err := e.r.files.Read(file, maxSource)
		if err != nil {
			e.note(file, 1, "this file was not read: %v", err)
			return false
		}
		if !e.load(file, src) {
			return false
		}
	}
	return true
}

// plannedTarget is a target that is built, before anyone knows from which folder paths count.
type plannedTarget struct {
	name     string
	standard bool // it is built when no target is named
	called   bool // a call builds it
	p        *bakeProperties
}

// plan are the targets that are built: those that a group names, that others build on, that stand alone, or
// that a call names.
func (e *bakeEvaluator) plan(called []string) []plannedTarget {
	inherited := map[string]bool{}
	for _, name := range e.order {
		for _, parent := range e.named(name).inherits {
			if parent != name {
				inherited[parent] = true
			}
		}
	}
	builds, standard := map[string]bool{}, map[string]bool{}
	for label := range e.memberNames {
		if e.matrices[label] {
			continue
		}
		for _, name := range e.members(label, map[string][]string{}) {
			builds[name] = true
		}
	}
	for _, name := range e.members("default", map[string][]string{}) {
		builds[name], standard[name] = true, true
	}
	for _, name := range called {
		builds[name] = true
	}
	for _, name := range e.order {
		_, group := e.memberNames[name] // of the same name, which hides the target
		if !inherited[name] && !strings.HasPrefix(name, "_") && !group {
			builds[name] = true
		}
	}
	// What others build on is built with them.
	all := map[string]*bakeProperties{}
	sets := e.sets
	defer func() { e.sets = sets }()
	runs := maps.Clone(standard) // when it is called, with what the call sets
	if len(called) > 0 {
		clear(runs)
		for _, name := range called {
			runs[name] = true
		}
	}
	var pending []string // from its end, where those are that run
	for _, name := range slices.Sorted(maps.Keys(builds)) {
		if !runs[name] {
			pending = append(pending, name)
		}
	}
	pending = append(pending, slices.Sorted(maps.Keys(runs))...)
	for len(pending) > 0 {
		name := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		if all[name] != nil || len(e.targets[name]) == 0 {
			continue
		}
		e.sets = nil
		if runs[name] {
			e.sets = sets
		}
		p := e.resolved(name, map[string]*bakeProperties{})
		if p == nil {
			continue
		}
		all[name] = p
		for _, from := range p.contexts {
			if base, ok := strings.CutPrefix(from.text, "target:"); ok {
				if runs[name] {
					runs[base] = true
				}
				pending = append(pending, base)
			}
		}
	}
	var list []plannedTarget
	for _, name := range e.order {
		if p := all[name]; p != nil && e.block(name) != nil {
			list = append(list, plannedTarget{name: name, standard: standard[name], p: p})
		}
	}
	return list
}

// block is where a target is defined; nil if that is not where builds are sought.
func (e *bakeEvaluator) block(name string) *bakeBlock {
	for _, t := range e.targets[name] {
		if e.only == "" || t.block.file == e.only {
			return t.block
		}
	}
	return nil
}

// base is the folder from which the paths of a plan most likely count: bake is called in the folder of the
// file, or in one above, with -f. It is the nearest one in which the most Dockerfiles are. sure is whether
// all are there.
func (e *bakeEvaluator) base(plan []plannedTarget, dir string) (base string, sure bool) {
	if dir == "." {
		return dir, true
	}
	fits := func(base string) (found, all int) {
		for _, t := range plan {
			b, err := e.settled(t, base)
			if err != nil || b.Dockerfile == "" {
				continue
			}
			all++
			if b.Missing == "" {
				found++
			}
		}
		return found, all
	}
	base = dir
	best, all := fits(dir)
	sure = best == all
	for above := dir; above != "."; {
		above = path.Dir(above)
		switch found, all := fits(above); {
		case found > best:
			base, best, sure = above, found, found == all
		case found == best && found == all && found > 0 && sure:
			e.note(e.r.file, 1, "the paths of this file are read as if bake was called in the folder %s; they fit the folder %s as well", base, above)
			return base, true
		}
	}
	return base, sure
}

// emit adds the builds of a plan, with paths from a folder. sure is whether that is the folder.
func (e *bakeEvaluator) emit(plan []plannedTarget, base string, sure bool) {
	for _, t := range plan {
		b, err := e.settled(t, base)
		at := e.block(t.name)
		switch {
		case e.r.steps >= maxSteps:
			return
		case err != nil:
			e.note(at.file, at.line, "the target %s: %v", targetTitle(t.name), err)
			continue
		case b.Missing != "":
			missing := missingAt(e.r.files, &b)
			e.r.noteAt(Note{File: missing.File, Line: missing.Line, Word: missing.Text, Message: "the target " + targetTitle(t.name) + ": " + b.Missing, Wrong: sure || base == path.Dir(at.file)})
		}
		if t.p.target != nil && !isKnown(t.p.target.text) {
			e.note(t.p.target.file, t.p.target.line, "the stage that the target %s builds, %s, is known only when it runs", targetTitle(t.name), t.p.target.text)
		}
		b.Released = e.released && t.called
		if e.git && b.Kind == Folder {
			b.Kind = Git
		}
		e.r.add(b)
	}
}

// settled is the build of a target, with paths from a folder.
func (e *bakeEvaluator) settled(t plannedTarget, base string) (Build, error) {
	p := t.p
	at := e.block(t.name)
	b := Build{Name: targetTitle(t.name), Place: Place{at.file, at.line, Bake}, Default: t.standard, Unsure: p.unsure || p.parents != "", Secrets: p.secrets, SSH: p.ssh, Platforms: p.platforms}
	b.Dev = names.ForDevelopers(b.Name)
	if p.parents != "" && (p.context == nil || p.dockerfile == nil && p.inline == nil) {
		return b, fmt.Errorf("its Dockerfile and context are not known: %s", p.parents)
	}
	value := func(w *bakeWord) string {
		if w == nil {
			return ""
		}
		return w.text
	}
	if b.Target = value(p.target); !isKnown(b.Target) {
		b.Target, b.Unsure = "", true
	} else if b.Target != "" {
		b.At.Target = p.target.place()
	}
	if p.inline != nil && p.inline.text != "" {
		if !isKnown(p.inline.text) {
			return b, errors.New("the text of its Dockerfile is known only when it runs")
		}
		b.Inline = p.inline.text
	}
	for _, tag := range p.tags {
		if isKnown(tag) && tag != "" && !strings.HasSuffix(tag, ":") && !slices.Contains(b.Images, tag) {
			b.Images = append(b.Images, tag)
		}
	}
	b.partlyNamed(p.tags)
	b.exports(p.exports, p.exportAt.place())
	for name, v := range p.args {
		if b.Args == nil {
			b.Args = map[string]*string{}
		}
		b.Args[name] = argument(v.text)
		b.At.setArg(name, v.place())
	}
	for name, from := range p.contexts {
		if b.Contexts == nil {
			b.Contexts = map[string]string{}
		}
		b.Contexts[name] = namedFrom(base, from.text)
		b.At.setContext(name, from.place())
	}
	context, dockerfile := value(p.context), value(p.dockerfile)
	b.At.Context, b.At.Dockerfile = p.context.place(), p.dockerfile.place()
	local, isLocal := strings.CutPrefix(context, "cwd://")
	if isLocal {
		context = local
	}
	file, fromBase := strings.CutPrefix(dockerfile, "cwd://")
	switch {
	case isKnown(context) && isRemote(context) && (fromBase || b.Inline != ""):
		b.Kind, b.Context = Remote, context
		if b.Inline == "" {
			if b.Dockerfile = joined(base, file); !inside(b.Dockerfile) || !e.r.files.IsFile(b.Dockerfile) {
				return b, fmt.Errorf("there is no file %s", b.Dockerfile)
			}
		}
		return b, nil
	case isKnown(dockerfile) && isRemote(dockerfile):
		return b, errors.New("its Dockerfile is fetched from elsewhere")
	case fromBase:
		return b, e.r.settle(&b, base, context, base, file)
	}
	return b, e.r.settle(&b, base, context, joined(base, context), dockerfile)
}

// namedFrom is a named context: a path from a folder, or what is fetched; "" if only the run knows.
func namedFrom(base, from string) string {
	local, isLocal := strings.CutPrefix(from, "cwd://")
	settled, isSettled := strings.CutPrefix(from, settledPath)
	switch {
	case !isKnown(from):
		return ""
	case isSettled:
		return settled
	case isLocal:
		return joined(base, local)
	case isRemote(from), strings.HasPrefix(from, "target:"), strings.HasPrefix(from, "docker-image:"):
		return from
	}
	return joined(base, from)
}

// addServices adds builds of compose files, which bake merges with targets of their names.
func (e *bakeEvaluator) addServices(services map[string]composeTarget) {
	e.services = map[string]*bakeProperties{}
	for name, t := range services {
		word := func(w composeText) *bakeWord { return &bakeWord{w.text, w.file, w.line} }
		p := &bakeProperties{context: word(t.context), unsure: t.Unsure, secrets: t.Secrets, ssh: t.SSH, args: map[string]bakeWord{}, contexts: map[string]bakeWord{}}
		if t.dockerfile.text != "" {
			p.dockerfile = word(t.dockerfile)
		}
		if t.Inline != "" {
			p.inline = &bakeWord{t.Inline, t.Place.File, t.Place.Line}
		}
		if t.Target != "" {
			p.target = &bakeWord{t.Target, t.At.Target.File, t.At.Target.Line}
		}
		for key, v := range t.Args {
			at := t.At.Args[key]
			p.args[key] = bakeWord{unknown, at.File, at.Line}
			if v != nil {
				p.args[key] = bakeWord{*v, at.File, at.Line}
			}
		}
		for key, from := range t.Contexts {
			at := t.At.Contexts[key]
			p.contexts[key] = bakeWord{settledPath + from, at.File, at.Line}
		}
		if len(t.Platforms) > 0 {
			p.platforms = t.Platforms
		}
		if len(t.Images) > 0 {
			p.tags = t.Images
		}
		if t.exported != nil {
			p.exports, p.exportAt = t.exported, bakeWord{file: t.At.Export.File, line: t.At.Export.Line}
		}
		e.services[strings.ReplaceAll(name, ".", "_")] = p
	}
}

// settledPath begins a named context that is relative to the root already.
const settledPath = "root://"
