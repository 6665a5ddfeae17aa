package sources

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/tailscale/hujson"
)

// isDevcontainer reports whether a file describes a container to develop in, by its path.
func isDevcontainer(name string) bool {
	switch path.Base(name) {
	case ".devcontainer.json":
		return true
	case "devcontainer.json":
		folder := path.Dir(name)
		return path.Base(folder) == ".devcontainer" || path.Base(path.Dir(folder)) == ".devcontainer"
	}
	return false
}

// readDevcontainer reads the build, or the compose files that the container belongs to.
//
// Source: containers.dev/implementors/json_reference, and the command line tool of the same people, which
// takes the Dockerfile's folder for the context if none is named.
func readDevcontainer(r *reading) {
	src, ok := r.source(maxSource)
	if !ok {
		return
	}
	top, err := parseJSONC(src)
	if err != nil {
		line := 1
		_, _ = fmt.Sscanf(err.Error(), "hujson: line %d", &line)
		r.note(line, "this file was not read: it is no JSON with comments")
		return
	}
	d := devcontainer{r, workspaceOf(r.file)}
	if m, ok := top.get("dockerComposeFile"); ok {
		if call, ok := d.compose(m.value, m.name.line()); ok {
			r.calls = append(r.calls, call)
		}
		return
	}
	build := top.value("build")
	key, dockerfile, context := "build", build.value("dockerfile"), build.value("context")
	if m, ok := top.get("dockerFile"); ok {
		key, dockerfile, context = "dockerFile", m.value, top.value("context")
	}
	if !dockerfile.isString() || dockerfile.text() == "" {
		return
	}
	d.build(top, build, d.expand(dockerfile.text()), d.expand(context.text()), top.lineOf(key), dockerfile.line())
}

// devcontainer reads a file below a workspace, which is the folder that its variables speak of.
type devcontainer struct {
	r         *reading
	workspace string
}

// workspaceOf is the folder that is opened in the container, relative to the root.
func workspaceOf(file string) string {
	for dir := path.Dir(file); dir != "."; dir = path.Dir(dir) {
		if path.Base(dir) == ".devcontainer" {
			return path.Dir(dir)
		}
	}
	return path.Dir(file)
}

func (d devcontainer) build(top, n jsonc, dockerfile, context string, line, dockerfileLine int) {
	r := d.r
	b := Build{Name: "devcontainer", Place: r.place(line), Dev: true, Default: true}
	if name := d.expand(top.value("name").text()); name != "" && isKnown(name) {
		b.Name = name
	}
	for _, m := range n.value("args").members() {
		if b.Args == nil {
			b.Args = map[string]*string{}
		}
		if b.Args[m.name.text()] = nil; !m.value.isNull() {
			b.Args[m.name.text()] = argument(d.expand(m.value.text()))
		}
	}
	if b.Target = d.expand(n.value("target").text()); !isKnown(b.Target) {
		r.note(n.lineOf("target"), "the target is known only when it runs")
		b.Target, b.Unsure = "", true
	}
	var flags []string
	for _, item := range n.value("options").items() {
		flags = append(flags, d.expand(item.text()))
	}
	r.buildFlags(&b, r.dir(), line, flags)
	from := r.dir()
	if context == "" {
		at, name := fromRoot(from, dockerfile)
		from, context = path.Dir(joined(at, name)), "."
	}
	if err := r.settle(&b, from, context, r.dir(), dockerfile); err != nil {
		r.note(line, "the development container is left out: %v", err)
		return
	}
	if b.Missing != "" {
		if r.files.IsFolder(b.Context) {
			line = dockerfileLine
		}
		r.noteAt(Note{File: r.file, Line: line, Message: "the development container cannot be built: " + b.Missing, Wrong: !isMade(b.Context + "/" + b.Dockerfile)})
	}
	r.add(b)
}

// compose is the call of compose with the files that the container belongs to.
func (d devcontainer) compose(files jsonc, line int) (Call, bool) {
	call := Call{Kind: Compose, Dir: d.workspace, Place: d.r.place(line)}
	list := files.items()
	if files.text() != "" {
		list = []jsonc{files}
	}
	for _, f := range list {
		at, name := fromRoot(d.r.dir(), d.expand(f.text()))
		if !isKnown(at + name) {
			d.r.note(line, "the compose file %s is known only when it runs", shown(name))
			return call, false
		}
		file := joined(at, name)
		if !inside(file) {
			d.r.note(line, "the compose file %s lies outside of the workspace", name)
			return call, false
		}
		call.Files = append(call.Files, file)
	}
	return call, true
}

// expand puts in what the variables of a text stand for: ${localWorkspaceFolder}, ${localEnv:NAME:default}.
func (d devcontainer) expand(text string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "${")
		b.WriteString(before)
		name, after, ends := strings.Cut(rest, "}")
		if !found || !ends {
			if found {
				b.WriteString("${" + rest)
			}
			return b.String()
		}
		kind, arg, _ := strings.Cut(name, ":")
		switch kind {
		case "localWorkspaceFolder":
			b.WriteString(root)
			if d.workspace != "." {
				b.WriteString("/" + d.workspace)
			}
		case "localEnv", "env":
			if _, value, has := strings.Cut(arg, ":"); has {
				b.WriteString(value)
			} else {
				b.WriteString(unknown)
			}
		default:
			b.WriteString(unknown)
		}
		text = after
	}
}

// jsonc is a value of a JSON text with comments.
type jsonc struct {
	src string
	v   hujson.Value
}

// maxJSONDepth is how deep values of JSON may nest.
const maxJSONDepth = 200

func parseJSONC(src string) (jsonc, error) {
	src = strings.TrimPrefix(src, "\ufeff")
	depth := 0
	for i := range len(src) { // brackets in texts count, too, which does no harm
		switch src[i] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		if depth > maxJSONDepth {
			return jsonc{}, errors.New("it nests too deep")
		}
	}
	v, err := hujson.Parse([]byte(src))
	return jsonc{src, v}, err
}

// member is a key of an object, and its value.
type member struct {
	name, value jsonc
}

func (j jsonc) members() (all []member) {
	object, ok := j.v.Value.(*hujson.Object)
	if !ok {
		return nil
	}
	for _, m := range object.Members {
		all = append(all, member{jsonc{j.src, m.Name}, jsonc{j.src, m.Value}})
	}
	return all
}

// get is a key and its value; of several the last one counts.
func (j jsonc) get(key string) (m member, ok bool) {
	object, isObject := j.v.Value.(*hujson.Object)
	if !isObject {
		return m, false
	}
	for i := len(object.Members) - 1; i >= 0; i-- {
		one := object.Members[i]
		name, _ := one.Name.Value.(hujson.Literal)
		if string(name) == `"`+key+`"` || strings.Contains(string(name), `\`) && (jsonc{j.src, one.Name}).text() == key {
			return member{jsonc{j.src, one.Name}, jsonc{j.src, one.Value}}, true
		}
	}
	return m, false
}

// value is that of a key; a null one if there is none.
func (j jsonc) value(key string) jsonc {
	m, _ := j.get(key)
	return m.value
}

// lineOf is where a key stands, from 1.
func (j jsonc) lineOf(key string) int {
	m, _ := j.get(key)
	return m.name.line()
}

func (j jsonc) items() (list []jsonc) {
	if array, ok := j.v.Value.(*hujson.Array); ok {
		for _, v := range array.Elements {
			list = append(list, jsonc{j.src, v})
		}
	}
	return list
}

func (j jsonc) isNull() bool { return j.v.Value == nil || j.v.Value.Kind() == 'n' }

func (j jsonc) isString() bool { return j.v.Value != nil && j.v.Value.Kind() == '"' }

// text is that of a string; numbers and truth values as they are spelled; empty for all else.
func (j jsonc) text() string {
	literal, ok := j.v.Value.(hujson.Literal)
	if !ok || string(literal) == "null" {
		return ""
	}
	var s string
	if err := json.Unmarshal(literal, &s); err == nil {
		return s
	}
	return string(literal)
}

func (j jsonc) line() int {
	return 1 + strings.Count(j.src[:min(j.v.StartOffset, len(j.src))], "\n")
}
