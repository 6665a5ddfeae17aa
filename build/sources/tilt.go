package sources

import (
	"errors"
	"path"
	"strings"

	"layerwise/internal/lazy"

	"go.starlark.net/syntax"
)

func isTilt(name string) bool { return tiltName.MatchString(path.Base(name)) }

var tiltName = lazy.New(`^(Tiltfile(\.[\w-]+)?|[\w.-]+\.[tT]iltfile)$`)

// readTilt reads the calls of a Tiltfile that build images, as far as their arguments are written there: it is
// a program, which is not run.
//
// Source: https://docs.tilt.dev/api.html.
func readTilt(r *reading) {
	src, ok := r.source(maxScript)
	if !ok || !strings.Contains(src, "docker_") && !mayBuild(src) {
		return
	}
	if line := tiltTooDeep(src); line > 0 {
		r.note(line, "this file was not read: it is nested too deep")
		return
	}
	file, err := (&syntax.FileOptions{}).Parse(r.file, strings.TrimPrefix(src, "\ufeff"), 0)
	if err != nil {
		var at syntax.Error
		if errors.As(err, &at) {
			r.note(min(max(int(at.Pos.Line), 1), strings.Count(src, "\n")+1), "this file was not read: %s", at.Msg)
		} else {
			r.mistake(err)
		}
		return
	}
	t := &tilt{reading: r, values: map[string]syntax.Expr{}}
	t.assignments(file)
	syntax.Walk(file, func(n syntax.Node) bool {
		if call, ok := n.(*syntax.CallExpr); ok {
			t.call(call)
		}
		return r.step()
	})
}

// tilt reads one Tiltfile.
type tilt struct {
	*reading
	values map[string]syntax.Expr // of names that are set once in the file, at its top
	depth  int
}

// assignments finds the names that are set once, and nowhere else.
func (t *tilt) assignments(file *syntax.File) {
	count := map[string]int{}
	name := func(x syntax.Expr) {
		if id, ok := x.(*syntax.Ident); ok {
			count[id.Name]++
		}
	}
	syntax.Walk(file, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.AssignStmt:
			syntax.Walk(n.LHS, func(x syntax.Node) bool {
				if id, ok := x.(*syntax.Ident); ok {
					name(id)
				}
				return true
			})
		case *syntax.DefStmt:
			for _, p := range n.Params {
				if b, ok := p.(*syntax.BinaryExpr); ok {
					p = b.X
				}
				if u, ok := p.(*syntax.UnaryExpr); ok && u.X != nil {
					p = u.X
				}
				name(p)
			}
		case *syntax.LambdaExpr:
			for _, p := range n.Params {
				name(p)
			}
		case *syntax.ForStmt:
			syntax.Walk(n.Vars, func(x syntax.Node) bool {
				if id, ok := x.(*syntax.Ident); ok {
					name(id)
				}
				return true
			})
		case *syntax.ForClause:
			syntax.Walk(n.Vars, func(x syntax.Node) bool {
				if id, ok := x.(*syntax.Ident); ok {
					name(id)
				}
				return true
			})
		}
		return t.step()
	})
	for _, st := range file.Stmts {
		if a, ok := st.(*syntax.AssignStmt); ok && a.Op == syntax.EQ {
			if id, ok := a.LHS.(*syntax.Ident); ok && count[id.Name] == 1 {
				t.values[id.Name] = a.RHS
			}
		}
	}
}

// call takes in a call that builds.
func (t *tilt) call(c *syntax.CallExpr) {
	fn, ok := c.Fn.(*syntax.Ident)
	if !ok {
		return
	}
	var positional []syntax.Expr
	named := map[string]syntax.Expr{}
	open := false // there may be more arguments
	for _, arg := range c.Args {
		switch x := arg.(type) {
		case *syntax.BinaryExpr:
			if id, ok := x.X.(*syntax.Ident); ok && x.Op == syntax.EQ {
				named[id.Name] = x.Y
				continue
			}
			positional = append(positional, arg)
		case *syntax.UnaryExpr:
			if x.Op == syntax.STAR || x.Op == syntax.STARSTAR {
				open = true
				continue
			}
			positional = append(positional, arg)
		default:
			positional = append(positional, arg)
		}
	}
	parameters := map[string][]string{
		"docker_build":              {"ref", "context", "build_args", "dockerfile", "dockerfile_contents", "live_update", "match_in_env_vars", "ignore", "only"},
		"docker_build_with_restart": {"ref", "context", "entrypoint", "live_update"},
		"docker_compose":            {"configPaths"},
		"custom_build":              {"ref", "command", "deps"},
		"local":                     {"command"},
		"local_resource":            {"name", "cmd"},
	}[fn.Name]
	for i, x := range positional {
		if i < len(parameters) {
			named[parameters[i]] = x
		}
	}
	line := int(fn.NamePos.Line)
	switch fn.Name {
	case "docker_build", "docker_build_with_restart":
		t.build(line, named, open)
	case "docker_compose":
		t.compose(line, named)
	case "custom_build": // $EXPECTED_REF is the reference with a tag that Tilt makes
		t.command(line, t.text(named["ref"]), named["command"], named["dir"], named["env"])
	case "local":
		t.command(line, "local", named["command"], named["dir"], named["env"])
	case "local_resource":
		t.command(line, t.text(named["name"]), named["cmd"], named["dir"], named["env"])
		t.command(line, t.text(named["name"]), named["serve_cmd"], named["serve_dir"], named["serve_env"])
	}
}

// command reads a command that Tilt runs: a text for a shell, or a list of words.
func (t *tilt) command(line int, name string, command, dir, env syntax.Expr) {
	if command == nil {
		return
	}
	from := t.dir()
	if dir != nil {
		from = joined(from, t.text(dir))
	}
	s := script{name: shown(name), line: func(int) int { return line }, dirs: []string{from}, vars: map[string]string{}, first: true}
	if dict, ok := t.resolved(env).(*syntax.DictExpr); ok {
		for _, entry := range dict.List {
			if e, ok := entry.(*syntax.DictEntry); ok && isKnown(t.text(e.Key)) {
				s.vars[t.text(e.Key)] = t.text(e.Value)
			}
		}
	}
	if _, list := t.resolved(command).(*syntax.ListExpr); list {
		t.reading.command(s, t.texts(command), line)
		return
	}
	s.text = t.text(command)
	t.script(s)
}

func (t *tilt) build(line int, named map[string]syntax.Expr, open bool) {
	if named["context"] == nil {
		if open {
			t.note(line, "this image is left out: its build context is known only when it runs")
		}
		return // a function of the same name
	}
	// only and ignore leave out a part of the context.
	b := Build{Name: t.text(named["ref"]), Place: t.place(line), Default: true, Unsure: open || named["only"] != nil}
	b.Dev = named["live_update"] != nil // its container is edited while it runs
	if !isKnown(b.Name) {
		b.Name = "docker_build"
	} else {
		b.Images = append(b.Images, b.Name)
	}
	for _, tag := range t.texts(named["extra_tag"]) {
		if isKnown(tag) {
			b.Images = append(b.Images, tag)
		}
	}
	if x := named["dockerfile_contents"]; x != nil {
		if b.Inline = t.text(x); !isKnown(b.Inline) {
			t.note(line, "this image is left out: the text of its Dockerfile is known only when it runs")
			return
		}
	}
	if x := named["target"]; x != nil {
		if b.Target = t.text(x); !isKnown(b.Target) {
			b.Target, b.Unsure = "", true
		}
	}
	if platform := t.text(named["platform"]); platform != "" && isKnown(platform) {
		b.Platforms = []string{platform}
	}
	for _, secret := range t.texts(named["secret"]) {
		if id := secretID(secret); id != "" && isKnown(id) {
			b.Secrets = append(b.Secrets, id)
		}
	}
	for _, agent := range t.texts(named["ssh"]) {
		b.ssh(agent)
	}
	if x := t.resolved(named["build_args"]); x != nil {
		if dict, ok := x.(*syntax.DictExpr); ok {
			for _, entry := range dict.List {
				if e, ok := entry.(*syntax.DictEntry); ok {
					b.argument(t.text(e.Key), t.text(e.Value))
				}
			}
		} else {
			b.Unsure = true
		}
	}
	context, dockerfile := t.text(named["context"]), t.text(named["dockerfile"])
	from := t.dir()
	if dockerfile == "" {
		from = joined(t.dir(), context)
	}
	if err := t.settle(&b, t.dir(), context, from, dockerfile); err != nil {
		t.note(line, "this image is left out: %v", err)
		return
	}
	if b.Missing != "" {
		t.note(line, "this image cannot be built: %s", b.Missing)
	}
	t.add(b)
}

func (t *tilt) compose(line int, named map[string]syntax.Expr) {
	c := Call{Kind: Compose, Dir: t.dir(), Place: t.place(line)}
	for _, name := range t.texts(named["configPaths"]) {
		if file := joined(t.dir(), name); isKnown(name) && inside(file) {
			c.Files = append(c.Files, file)
		} else {
			t.note(line, "it is not known which compose files this takes: %s", shown(name))
			return
		}
	}
	if len(c.Files) > 0 {
		t.calls = append(t.calls, c)
	}
}
