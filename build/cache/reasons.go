package cache

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/solver/pb"
)

// Kind is the kind of an input of a cache key.
type Kind string

// The kinds of inputs, in the order in which they are told.
const (
	Text     Kind = "text"     // of the instruction
	Env      Kind = "env"      // an environment variable
	Arg      Kind = "arg"      // a build argument
	Workdir  Kind = "workdir"  // the directory in effect
	User     Kind = "user"     // the user in effect
	Shell    Kind = "shell"    // the SHELL in effect
	Files    Kind = "files"    // of the build context
	StageOut Kind = "stage"    // files of another stage
	Base     Kind = "base"     // the image that the stage begins with
	Parent   Kind = "parent"   // a step before it in its stage
	Mount    Kind = "mount"    // a mount of a RUN
	RemoteIn Kind = "remote"   // an image, URL or git repository that files are taken from
	Option   Kind = "option"   // of the build: network, host names, limits
	Platform Kind = "platform" // that is built for
	NoCache  Kind = "no-cache" // the build was told not to use the cache
)

// Reason is why a step reruns.
type Reason struct {
	Kind   Kind
	Name   string // of what changed: a path, a variable, "line 3"
	Detail string // what happened to it, in words
}

// reasons tells what makes a step differ from the one that it is compared with.
func (e *explainer) reasons(s *Step, at *stages.Step) (list []Reason) {
	if s.State == Cached || s.State == Unreached {
		return nil
	}
	if s.Vertex.NoCache {
		list = append(list, Reason{NoCache, "", "the build is told not to use the cache"})
	}
	old := s.Like
	if old != nil && old.operation.digest != s.operation.digest {
		list = append(list, e.operationReasons(old, s, at)...)
	}
	list = append(list, e.inputReasons(old, s)...)
	if len(list) == 0 {
		if old == nil {
			return []Reason{{Text, at.Instr.Name, "it is new here"}}
		}
		if s.State == Depends {
			return []Reason{{StageOut, "", "it took its files from another place before: cached only if they are the same"}}
		}
		return []Reason{{Text, at.Instr.Name, "it is another step than before"}}
	}
	return list
}

// operationReasons tells what differs in what two steps do.
func (e *explainer) operationReasons(old, s *Step, at *stages.Step) []Reason {
	a, b := old.Vertex.Op.GetExec(), s.Vertex.Op.GetExec()
	if a == nil || b == nil {
		return fileReasons(old.Vertex.Op.GetFile(), s.Vertex.Op.GetFile(), at)
	}
	list := commandReasons(a, b, at)
	list = append(list, variableReasons(a.Meta.Env, b.Meta.Env, at)...)
	if a.Meta.Cwd != b.Meta.Cwd {
		list = append(list, Reason{Workdir, b.Meta.Cwd, "it was " + a.Meta.Cwd})
	}
	if a.Meta.User != b.Meta.User {
		list = append(list, Reason{User, named(b.Meta.User), "it was " + named(a.Meta.User)})
	}
	if mounts(old) != mounts(s) {
		list = append(list, Reason{Mount, "", "its mounts changed"})
	}
	if marshal(old.Vertex.Op.Platform) != marshal(s.Vertex.Op.Platform) {
		list = append(list, Reason{Platform, platformName(s.Vertex.Op.Platform), "it was " + platformName(old.Vertex.Op.Platform)})
	}
	if len(list) == 0 {
		list = append(list, Reason{Option, "", "an option of the build changed, such as its network, host names or limits"})
	}
	return list
}

func named(user string) string {
	if user == "" {
		return "of the base image"
	}
	return user
}

func platformName(p *pb.Platform) string {
	if p == nil {
		return "the default"
	}
	return strings.TrimSuffix(p.OS+"/"+p.Architecture+"/"+p.Variant, "/")
}

// mounts is what of a step's mounts is in its digest.
func mounts(s *Step) string {
	op := s.Vertex.Op.GetExec().CloneVT()
	var b strings.Builder
	for _, m := range op.Mounts {
		m.Selector = ""
		b.WriteString(marshal(m))
	}
	for _, secret := range op.Secretenv {
		b.WriteString(marshal(secret))
	}
	return b.String()
}

// commandReasons tells whether the command differs, and whether that is the shell's doing.
func commandReasons(a, b *pb.ExecOp, at *stages.Step) []Reason {
	if slices.Equal(a.Meta.Args, b.Meta.Args) {
		return nil
	}
	n := len(b.Meta.Args) - 1
	if len(a.Meta.Args) > 1 && n > 0 && a.Meta.Args[len(a.Meta.Args)-1] == b.Meta.Args[n] {
		return []Reason{{Shell, strings.Join(b.Meta.Args[:n], " "), "it was " + strings.Join(a.Meta.Args[:len(a.Meta.Args)-1], " ")}}
	}
	detail := "its command changed"
	if len(a.Meta.Args) > 0 && n >= 0 && strings.Join(strings.Fields(a.Meta.Args[len(a.Meta.Args)-1]), " ") == strings.Join(strings.Fields(b.Meta.Args[n]), " ") {
		detail = "only blanks differ, but those inside the command count"
	}
	return []Reason{{Text, at.Instr.Name, detail}}
}

// variableReasons tells which variables differ. Their values are not told: they may be secrets.
func variableReasons(a, b []string, at *stages.Step) (list []Reason) {
	if slices.Equal(a, b) {
		return nil
	}
	before, after := map[string]string{}, map[string]string{}
	for _, kv := range a {
		name, value, _ := strings.Cut(kv, "=")
		before[name] = value
	}
	add := func(name, detail string) {
		kind := Env
		if scope, ok := at.Vars.Lookup(name); ok && !scope.Env {
			kind = Arg
		}
		list = append(list, Reason{kind, name, detail})
	}
	for _, kv := range b {
		name, value, _ := strings.Cut(kv, "=")
		after[name] = value
		if was, ok := before[name]; !ok {
			add(name, "it is new; every RUN below depends on it, used or not")
		} else if was != value {
			add(name, "its value changed; every RUN below depends on it, used or not")
		}
	}
	for _, kv := range a {
		if name, _, _ := strings.Cut(kv, "="); after[name] == "" {
			if _, ok := after[name]; !ok {
				add(name, "it is gone; every RUN below depended on it, used or not")
			}
		}
	}
	if len(list) == 0 {
		return []Reason{{Env, "", "the order of the variables changed"}}
	}
	return list
}

// fileReasons tells what differs between two COPY, ADD or WORKDIR.
func fileReasons(a, b *pb.FileOp, at *stages.Step) []Reason {
	if a == nil || b == nil || len(a.Actions) != len(b.Actions) {
		return []Reason{{Text, at.Instr.Name, "it changed"}}
	}
	for i := range b.Actions {
		x, y := a.Actions[i], b.Actions[i]
		if m, n := x.GetMkdir(), y.GetMkdir(); m != nil && n != nil {
			switch {
			case m.Path != n.Path:
				return []Reason{{Text, at.Instr.Name, "the directory is " + n.Path + ", it was " + m.Path}}
			case marshal(m.Owner) != marshal(n.Owner):
				return []Reason{{User, ownerName(n.Owner), "the directory's owner was " + ownerName(m.Owner)}}
			case m.Timestamp != n.Timestamp:
				return []Reason{{Arg, "SOURCE_DATE_EPOCH", "it is the time stamp of the directory"}}
			}
		}
		if m, n := x.GetCopy(), y.GetCopy(); m != nil && n != nil {
			switch {
			case m.Dest != n.Dest:
				return []Reason{{Text, at.Instr.Name, "the destination is " + n.Dest + ", it was " + m.Dest}}
			case path.Base(m.Src) != path.Base(n.Src):
				return []Reason{{Text, at.Instr.Name, "the source is " + n.Src + ", it was " + m.Src}}
			case marshal(m.Owner) != marshal(n.Owner):
				return []Reason{{Text, "--chown", "the owner is " + ownerName(n.Owner) + ", it was " + ownerName(m.Owner)}}
			case m.Mode != n.Mode || m.ModeStr != n.ModeStr:
				return []Reason{{Text, "--chmod", "the mode changed"}}
			}
		}
	}
	return []Reason{{Text, at.Instr.Name, "its flags or sources changed"}}
}

func ownerName(o *pb.ChownOpt) string {
	if o == nil {
		return "root"
	}
	name := func(u *pb.UserOpt) string {
		switch u := u.GetUser().(type) {
		case *pb.UserOpt_ByName:
			return u.ByName.Name
		case *pb.UserOpt_ByID:
			if u.ByID == 0 {
				return "root"
			}
			return fmt.Sprint(u.ByID)
		}
		return ""
	}
	user, group := name(o.User), name(o.Group)
	if user == "root" && group == "root" {
		return user
	}
	return strings.TrimSuffix(user+":"+group, ":")
}

// inputReasons tells which inputs of a step differ.
func (e *explainer) inputReasons(old, s *Step) (list []Reason) {
	for i, edge := range s.Vertex.Inputs {
		in := e.c.After.Steps[edge.Vertex.Index]
		if !s.operation.deps[i].content {
			list = append(list, e.baseReasons(old, i, in)...)
			continue
		}
		if old != nil && i < len(old.atoms) && old.atoms[i].equals(s.atoms[i]) {
			continue
		}
		list = append(list, e.contentReasons(old, s, i, in)...)
	}
	return list
}

// baseReasons tells why the file system that a step begins with is another one.
func (e *explainer) baseReasons(old *Step, i int, in *Step) []Reason {
	switch {
	case in.State == Rebuilt || in.State == Depends:
		verb := "reruns"
		if in.State == Depends {
			verb = "may rerun"
		}
		return []Reason{{Parent, lineName(in), "it " + verb + ", and so does what follows it in its stage"}}
	case old == nil || i >= len(old.Vertex.Inputs):
		return nil
	}
	was := old.Vertex.Inputs[i].Vertex
	if overlap(e.c.Before.Steps[was.Index].results, in.results) {
		return nil
	}
	if image := in.Vertex.Op.GetSource(); image != nil {
		detail := "it is another image"
		if before := was.Op.GetSource(); before != nil {
			detail = "it was " + imageName(before)
		}
		return []Reason{{Base, imageName(image), detail}}
	}
	return []Reason{{Parent, lineName(in), "another step stands before it"}}
}

func lineName(s *Step) string {
	if len(s.Vertex.Lines) == 0 {
		return s.Vertex.Name
	}
	return fmt.Sprintf("line %d", s.Vertex.Lines[0])
}

// imageName is the name of an image as people write it.
func imageName(op *pb.SourceOp) string {
	_, name, _ := strings.Cut(op.Identifier, "://")
	name, _, _ = strings.Cut(name, "@")
	name = strings.TrimPrefix(name, "docker.io/")
	return strings.TrimPrefix(name, "library/")
}

const changedOutput = "the files taken from it changed"

// contentReasons tells what differs in what a step reads of another place.
func (e *explainer) contentReasons(old, s *Step, i int, in *Step) []Reason {
	source := in.Vertex.Op.GetSource()
	switch {
	case source == nil && in.Vertex.Internal():
		return []Reason{{Text, "", "the text of the here-document changed"}}
	case source == nil:
		detail := changedOutput
		if s.State == Depends || s.atoms[i].opaque {
			detail = "it reruns: cached only if the files taken from it come out as they were"
			if in.State == Cached {
				detail = "other files are taken from it: cached only if they are the same"
			}
		}
		return []Reason{{StageOut, lineName(in), detail}}
	case in.tree == nil:
		return []Reason{{RemoteIn, imageName(source), "it is another one, or other files of it are taken"}}
	}
	var before *Tree
	if old != nil {
		for _, edge := range old.Vertex.Inputs {
			if was := edge.Vertex.Op.GetSource(); was != nil && was.Identifier == source.Identifier {
				before = e.c.Before.Steps[edge.Vertex.Index].tree
			}
		}
	}
	if before == nil {
		return nil
	}
	var list []Reason
	for _, change := range in.tree.Changes(before, s.operation.deps[i].normal()) {
		list = append(list, Reason{Files, change.Path, change.What})
	}
	return list
}

// Words are the reason as part of a sentence.
func (r Reason) Words() string {
	switch r.Kind {
	case Parent:
		return "after " + r.Name
	case Files:
		return r.Name + " " + map[string]string{"changed": "changed", "new": "is new", "gone": "is gone"}[r.Detail] + attribute(r.Detail)
	case StageOut:
		if r.Detail == changedOutput {
			return "the files of " + r.Name + " changed"
		}
		if r.Name == "" {
			return "on what it took before"
		}
		return "on what " + r.Name + " makes"
	case Env, Arg:
		if r.Name == "" {
			return r.Detail
		}
		what, _, _ := strings.Cut(strings.TrimPrefix(r.Detail, "its "), ";")
		return strings.ToUpper(string(r.Kind)) + " " + r.Name + ": " + what
	case Text:
		return r.Detail
	case NoCache:
		return r.Detail
	case Base:
		return "the base image is " + r.Name + ", " + r.Detail
	case Workdir:
		return "the directory is " + r.Name + ", " + r.Detail
	case User:
		return "the user is " + r.Name + ", " + r.Detail
	case Shell:
		return "the shell is " + r.Name + ", " + r.Detail
	}
	return strings.TrimSpace(r.Name + " " + r.Detail)
}

func attribute(detail string) string {
	switch detail {
	case "changed", "new", "gone":
		return ""
	}
	return "(" + detail + ")"
}
