package cache

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/solver/pb"
)

// Input is a part of the cache key of a step.
type Input struct {
	Kind   Kind
	Name   string // a path, a variable, an image, "line 3"
	Detail string // more of it, in words; may be empty
	Files  int    // of Files: how many there are
	Bytes  int64  // of Files: their size
	Unused bool   // of Env and Arg: the instruction does not mention it
}

// Inputs are the parts of the cache key of an instruction's operation, the most telling first. It has
// none if the instruction is no operation, or no part of the build.
func (b *Build) Inputs(s *stages.Step, line int) (list []Input) {
	for _, step := range b.On(line) {
		switch op := step.Vertex.Op.Op.(type) {
		case *pb.Op_Exec:
			list = append(list, execInputs(op.Exec, s)...)
		case *pb.Op_File:
			list = append(list, fileInputs(op.File, s)...)
		}
		list = append(list, b.readInputs(step)...)
	}
	if len(list) == 0 {
		for _, step := range b.lines[line] {
			if source := step.Vertex.Op.GetSource(); source != nil && s.Instr.Name == "FROM" {
				list = append(list, Input{Kind: Base, Name: imageName(source), Detail: "its manifest, whatever the tag"})
			}
		}
	}
	order := []Kind{Text, Files, StageOut, RemoteIn, Base, Parent, Arg, Env, Workdir, User, Shell, Mount, Option, Platform}
	slices.SortStableFunc(list, func(a, b Input) int { return slices.Index(order, a.Kind) - slices.Index(order, b.Kind) })
	return slices.Compact(list)
}

func execInputs(op *pb.ExecOp, s *stages.Step) (list []Input) {
	text := strings.Join(op.Meta.Args, " ")
	list = append(list, Input{Kind: Text, Name: s.Instr.Name, Detail: "its text, with its blanks, variables not replaced"})
	if n := len(op.Meta.Args) - 1; n > 0 && !s.Instr.JSON {
		text = op.Meta.Args[n]
		list = append(list, Input{Kind: Shell, Name: strings.Join(op.Meta.Args[:n], " ")})
	}
	for _, kv := range op.Meta.Env {
		name, _, _ := strings.Cut(kv, "=")
		scope, ok := s.Vars.Lookup(name)
		in := Input{Kind: Env, Name: name, Unused: !mentions(text, name)}
		switch {
		case !ok || scope.Step == nil:
			in.Detail, in.Unused = "of the base image", false
		case !scope.Env:
			in.Kind = Arg
		}
		list = append(list, in)
	}
	list = append(list, Input{Kind: Workdir, Name: op.Meta.Cwd}, Input{Kind: User, Name: named(op.Meta.User)})
	for _, m := range op.Mounts {
		switch m.MountType {
		case pb.MountType_CACHE:
			list = append(list, Input{Kind: Mount, Name: "cache " + m.Dest, Detail: "what is in it does not count"})
		case pb.MountType_SECRET:
			list = append(list, Input{Kind: Mount, Name: "secret " + m.SecretOpt.GetID(), Detail: "its value does not count"})
		case pb.MountType_SSH:
			list = append(list, Input{Kind: Mount, Name: "ssh " + m.SSHOpt.GetID(), Detail: "the keys do not count"})
		case pb.MountType_TMPFS:
			list = append(list, Input{Kind: Mount, Name: "tmpfs " + m.Dest})
		}
	}
	for _, secret := range op.Secretenv {
		list = append(list, Input{Kind: Mount, Name: "secret " + secret.ID, Detail: "its value does not count"})
	}
	return list
}

// mentions reports whether a command uses a variable.
func mentions(text, name string) bool {
	ok, err := regexp.MatchString(`(^|[^\w])`+regexp.QuoteMeta(name)+`($|[^\w])`, text)
	return err != nil || ok
}

func fileInputs(op *pb.FileOp, s *stages.Step) (list []Input) {
	for _, action := range op.Actions {
		switch {
		case action.GetMkdir() != nil:
			m := action.GetMkdir()
			list = append(list, Input{Kind: Text, Name: s.Instr.Name, Detail: "the directory " + m.Path})
			owner := ownerName(m.Owner)
			if !s.User.Known {
				owner = named("")
			}
			list = append(list, Input{Kind: User, Name: owner, Detail: "the directory's owner"})
		case action.GetMkfile() != nil:
			list = append(list, Input{Kind: Text, Name: s.Instr.Name, Detail: "the here-document"})
		case action.GetCopy() != nil:
			c := action.GetCopy()
			list = append(list, Input{Kind: Text, Name: s.Instr.Name, Detail: "its text: flags, the last part of each source's path, and the destination " + c.Dest})
		}
	}
	return list
}

// readInputs are the inputs that a step reads: where it begins, and what it takes files from.
func (b *Build) readInputs(step *Step) (list []Input) {
	for i, edge := range step.Vertex.Inputs {
		in := b.Steps[edge.Vertex.Index]
		source := in.Vertex.Op.GetSource()
		if !step.operation.deps[i].content {
			switch {
			case source != nil:
				list = append(list, Input{Kind: Base, Name: imageName(source), Detail: "its manifest, whatever the tag"})
			default:
				list = append(list, Input{Kind: Parent, Name: lineName(in), Detail: "the step before it, with all that it depends on"})
			}
			continue
		}
		for _, sel := range step.operation.deps[i].normal() {
			place := strings.TrimPrefix(path.Clean(sel.Path), "/")
			if place == "" {
				place = "."
			}
			switch {
			case in.tree != nil && source != nil:
				paths, sizes := in.tree.Selected(sel)
				total := int64(0)
				for _, n := range sizes {
					total += n
				}
				list = append(list, Input{Kind: Files, Name: place, Files: len(paths), Bytes: total})
			case source != nil && strings.HasPrefix(source.Identifier, "local://"):
				list = append(list, Input{Kind: Files, Name: place, Detail: "which of them there are is not known"})
			case source != nil:
				list = append(list, Input{Kind: RemoteIn, Name: imageName(source), Detail: "/" + place})
			case in.Vertex.Op.GetFile() != nil && len(in.Vertex.Inputs) == 0 && in.tree != nil:
				// A here-document is part of the text.
			default:
				list = append(list, Input{Kind: StageOut, Name: lineName(in), Detail: "/" + place + ", by its content"})
			}
		}
	}
	return list
}
