package workspace

import (
	"fmt"
	"path/filepath"

	"github.com/goccy/go-yaml/ast"
)

// This file makes a Config of the tree of a .layerwise.yaml, with a place for each mistake.

// configReader reads settings and notes what is wrong with them.
type configReader struct {
	path     string
	cfg      Config
	problems []Problem
}

func (r *configReader) problem(n ast.Node, format string, args ...any) {
	p := Problem{Path: r.path, Message: fmt.Sprintf(format, args...)}
	at := r.placeOf(n)
	p.Line, p.Column = at.line, at.column
	r.add(p)
}

func (r *configReader) placeOf(n ast.Node) place {
	at := place{file: r.path}
	if t := n.GetToken(); t != nil && t.Position != nil {
		at.line, at.column = t.Position.Line, t.Position.Column
	}
	return at
}

func (r *configReader) add(p Problem) {
	switch {
	case len(r.problems) < maxProblems:
		r.problems = append(r.problems, p)
	case len(r.problems) == maxProblems:
		r.problems = append(r.problems, Problem{Path: r.path, Message: "there are more mistakes than these"})
	}
}

// pairs are the entries of a mapping. Anchors and aliases are refused: a configuration needs none,
// and a few lines of them can stand for billions.
func (r *configReader) pairs(n ast.Node, what string) []*ast.MappingValueNode {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	case *ast.NullNode:
		return nil
	case *ast.AnchorNode, *ast.AliasNode:
		r.problem(n, "anchors and aliases are not supported")
		return nil
	}
	r.problem(n, "%s must be a mapping of names to values", what)
	return nil
}

func (r *configReader) settings(n ast.Node) {
	for _, pair := range r.pairs(n, "the configuration") {
		switch key := scalarText(pair.Key); key {
		case "rules":
			r.cfg.Rules = map[string]string{}
			for _, rule := range r.pairs(pair.Value, "rules") {
				name := scalarText(rule.Key)
				r.rule(name, rule)
			}
		case "buildArgs":
			r.cfg.BuildArgs = r.words(pair.Value, "buildArgs")
		case "context":
			if folder, ok := r.folder(pair.Value, "the context must be"); ok {
				r.cfg.Context = folder
				r.cfg.source = r.sourceOf(pair.Key)
			}
		case "contexts":
			r.cfg.Contexts = r.contexts(pair.Value)
		case "target":
			r.cfg.Target, _ = r.scalar(pair.Value)
		case "platform":
			r.cfg.Platform, _ = r.scalar(pair.Value)
		case "build":
			r.cfg.Build, _ = r.scalar(pair.Value)
			r.cfg.build = r.placeOf(pair.Value)
		case "hints":
			r.cfg.Hints = r.kinds(pair.Value, "hints", "hint", checkHint)
		case "format":
			r.format(pair.Value)
		case "lenses":
			r.cfg.Lenses = r.kinds(pair.Value, "lenses", "code lens", checkLens)
		case "findings":
			if value, ok := r.scalar(pair.Value); ok {
				if problem := checkFindings(value); problem != "" {
					r.problem(pair.Value, "%s", problem)
				} else {
					r.cfg.Findings = value
				}
			}
		case "builds":
			r.builds(pair.Value)
		case schemaKey: // for editors
		default:
			r.problem(pair.Key, "there is no setting %q%s", quoted(key), suggestion(key, fileKeys()))
		}
	}
}

// format reads how Dockerfiles are formatted.
func (r *configReader) format(n ast.Node) {
	for _, pair := range r.pairs(n, "format") {
		value, ok := r.scalar(pair.Value)
		if !ok || value == "" {
			continue
		}
		if problem := r.cfg.Format.set(scalarText(pair.Key), value); problem != "" {
			r.problem(pair.Key, "%s", problem)
		}
	}
	r.cfg.Format.byFile = r.cfg.Format.Indent != ""
}

// builds reads the list of builds. One with a mistake in what it is about is left out.
func (r *configReader) builds(n ast.Node) {
	if _, null := n.(*ast.NullNode); null {
		return
	}
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		r.problem(n, "builds must be a list, of one entry for each build")
		return
	}
	if len(list.Values) > maxBuilds {
		r.problem(n, "there are more than %d builds", maxBuilds)
		return
	}
	names := map[[2]string]bool{}
	for _, entry := range list.Values {
		b, ok := r.build(entry)
		if !ok {
			continue
		}
		if key := [2]string{b.Dockerfile, b.Name}; names[key] {
			r.problem(entry, "there is another build of this Dockerfile%s: give each a name of its own", called(b.Name))
			continue
		} else {
			names[key] = true
		}
		r.cfg.Builds = append(r.cfg.Builds, b)
	}
}

func called(name string) string {
	if name == "" {
		return " without a name"
	}
	return fmt.Sprintf(" with the name %q", quoted(name))
}

// build reads one entry of the list.
func (r *configReader) build(n ast.Node) (b BuildConfig, ok bool) {
	before := len(r.problems)
	pairs := r.pairs(n, "a build")
	if len(pairs) > 0 {
		n = pairs[0].Key
	}
	b.source = r.sourceOf(n)
	for _, pair := range pairs {
		switch key := scalarText(pair.Key); key {
		case "name":
			b.Name, _ = r.scalar(pair.Value)
		case "dockerfile":
			b.Dockerfile, _ = r.folder(pair.Value, "the Dockerfile must be in")
			b.dockerfile = r.placeOf(pair.Value)
		case "context":
			b.Context, _ = r.folder(pair.Value, "the context must be")
		case "contexts":
			b.Contexts = r.contexts(pair.Value)
		case "target":
			b.Target, _ = r.scalar(pair.Value)
		case "platform":
			b.Platform, _ = r.scalar(pair.Value)
		case "build":
			b.Build, _ = r.scalar(pair.Value)
			b.build = r.placeOf(pair.Value)
		case "buildArgs":
			b.BuildArgs = r.words(pair.Value, "buildArgs")
		default:
			r.problem(pair.Key, "a build has no %q%s", quoted(key), suggestion(key, buildKeys))
		}
	}
	if b.Dockerfile == "" && len(r.problems) == before {
		r.problem(n, "a build needs a dockerfile: its path, relative to this file")
	}
	if b.Build != "" && len(pairs) > 2 {
		r.problem(n, "an entry with build chooses one of the builds that other files say: it can have nothing but a dockerfile beside it")
	}
	return b, b.Dockerfile != ""
}

// words reads a mapping of names to single values.
func (r *configReader) words(n ast.Node, what string) map[string]string {
	words := map[string]string{}
	for _, pair := range r.pairs(n, what) {
		if v, ok := r.scalar(pair.Value); ok {
			words[scalarText(pair.Key)] = v
		}
	}
	return words
}

// kinds reads which kinds of something are on. check says what is wrong with a kind.
func (r *configReader) kinds(n ast.Node, setting, what string, check func(kind string) string) map[string]bool {
	kinds := map[string]bool{}
	for _, pair := range r.pairs(n, setting) {
		kind := scalarText(pair.Key)
		on, isBool := pair.Value.(*ast.BoolNode)
		switch problem := check(kind); {
		case problem != "":
			r.problem(pair.Key, "%s", problem)
		case !isBool:
			r.problem(pair.Value, "the %s %s must be true or false", what, kind)
		default:
			kinds[kind] = on.Value
		}
	}
	return kinds
}

// contexts reads named contexts.
func (r *configReader) contexts(n ast.Node) map[string]string {
	contexts := map[string]string{}
	for _, pair := range r.pairs(n, "contexts") {
		name, where := scalarText(pair.Key), scalarText(pair.Value)
		if Fetched(where) {
			if where, ok := r.scalar(pair.Value); ok {
				contexts[name] = where
			}
		} else if folder, ok := r.folder(pair.Value, "a named context must be"); ok {
			contexts[name] = folder
		}
	}
	return contexts
}

// folder reads a path. A file that comes with a repository must not make Layerwise read what is not in
// it, so the path lies in or below the file's own folder.
func (r *configReader) folder(n ast.Node, what string) (abs string, ok bool) {
	dir, ok := r.scalar(n)
	if !ok || dir == "" {
		return "", false
	}
	if dir = filepath.FromSlash(dir); !filepath.IsLocal(dir) {
		r.problem(n, "%s the folder of this file or one below it; for one above, move this file there", what)
		return "", false
	}
	if abs, ok = below(filepath.Dir(r.path), dir); !ok {
		r.problem(n, "%s a folder below the one that this file is in, and no link out of it", what)
	}
	return abs, ok
}

// sourceOf is the place of a node.
func (r *configReader) sourceOf(n ast.Node) Source {
	s := Source{Kind: FromFile, File: r.path}
	if t := n.GetToken(); t != nil && t.Position != nil {
		s.Line = t.Position.Line
	}
	return s
}

func (r *configReader) scalar(n ast.Node) (string, bool) {
	switch n.(type) {
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.LiteralNode:
		return scalarText(n), true
	case *ast.NullNode:
		return "", true
	case *ast.AnchorNode, *ast.AliasNode:
		r.problem(n, "anchors and aliases are not supported")
	default:
		r.problem(n, "this must be a single value")
	}
	return "", false
}

// scalarText is a scalar as it is written, so that off stays off.
func scalarText(n ast.Node) string {
	if t := n.GetToken(); t != nil {
		return t.Value
	}
	return n.String()
}

// below is the absolute path of a folder below root. ok is false if it is not, or leads out of root
// through links.
func below(root, name string) (dir string, ok bool) {
	dir = filepath.Join(root, filepath.FromSlash(name))
	if filepath.IsAbs(name) || !within(root, dir) {
		return "", false
	}
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return dir, true // it is not there, which is told when it is to be read
	}
	if realRoot, err := filepath.EvalSymlinks(root); err != nil || !within(realRoot, real) {
		return "", false
	}
	return dir, true
}
