package cache

import (
	"context"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/moby/buildkit/solver/pb"
)

// apply is what a file operation makes of trees that are known whole, such as a stage from scratch
// that only copies from the build context. It is nil where that is not known: where files of an image
// or of a RUN are among it, and where the operation does more than to lay files into folders.
func (s *Step) apply(ctx context.Context, b *Build) (*Tree, error) {
	op := s.Vertex.Op.GetFile()
	if op == nil {
		return nil, nil
	}
	var results []*Tree // of the inputs, then of the actions
	for _, edge := range s.Vertex.Inputs {
		results = append(results, b.Steps[edge.Vertex.Index].tree)
	}
	at := func(i int64) *Tree {
		if i < 0 {
			return scratch()
		}
		return results[i]
	}
	exported := scratch()
	for _, action := range op.Actions {
		base := at(action.Input)
		if base == nil {
			return nil, nil
		}
		t := base.edit()
		ok := false
		var err error
		switch a := action.Action.(type) {
		case *pb.FileAction_Mkfile:
			ok = t.put(a.Mkfile.Path, record{
				kind: file, size: int64(len(a.Mkfile.Data)),
				digest: digestOf("mkfile", strconv.Itoa(int(a.Mkfile.Mode)), string(a.Mkfile.Data), marshal(a.Mkfile.Owner)),
			})
		case *pb.FileAction_Mkdir:
			ok = t.mkdir(cleaned(a.Mkdir.Path), digestOf("mkdir", strconv.Itoa(int(a.Mkdir.Mode)), marshal(a.Mkdir.Owner)))
		case *pb.FileAction_Copy:
			ok, err = t.copy(ctx, a.Copy, at(action.SecondaryInput))
		}
		if err != nil || !ok {
			return nil, err
		}
		result := t.tree()
		results = append(results, result)
		if action.Output == 0 {
			exported = result
		}
	}
	return exported, nil
}

// scratch is the empty tree.
func scratch() *Tree {
	return &Tree{
		records: []record{{kind: directory}, {key: "\x00", kind: header, digest: "root"}},
		dirs:    map[string]string{},
	}
}

// draft is a tree that is being made.
type draft map[string]record // by key

func (t *Tree) edit() draft {
	d := make(draft, len(t.records))
	for _, r := range t.records {
		d[r.key] = r
	}
	return d
}

func (d draft) tree() *Tree {
	t := &Tree{dirs: map[string]string{}}
	for _, key := range slices.Sorted(maps.Keys(d)) {
		t.records = append(t.records, d[key])
	}
	return t
}

// put adds or replaces a record that is no directory. It reports false where a file and a directory
// meet, or where the way leads through a link.
func (d draft) put(p string, r record) bool {
	p = cleaned(p)
	if !d.mkdir(cleaned(path.Dir(p)), created) {
		return false
	}
	r.key = keyOf(p)
	if old, ok := d[r.key]; ok && old.kind == directory {
		return false
	}
	d[r.key] = r
	return true
}

// created is the digest of the header of a directory that is made on the way to something.
var created = digestOf("directory", "0755")

// mkdir adds a directory, with that digest of its header, and those that lead to it.
func (d draft) mkdir(p, digest string) bool {
	if old, ok := d[keyOf(p)]; ok {
		return old.kind == directory
	}
	if !d.mkdir(cleaned(path.Dir(p)), created) {
		return false
	}
	d[keyOf(p)] = record{key: keyOf(p), kind: directory}
	d[keyOf(p)+"\x00"] = record{key: keyOf(p) + "\x00", kind: header, digest: digest}
	return true
}

// copy lays a part of another tree into this one.
func (d draft) copy(ctx context.Context, c *pb.FileActionCopy, from *Tree) (ok bool, err error) {
	wild := c.AllowWildcard && hasWildcards(c.Src)
	if from == nil || wild || c.Owner != nil || c.Mode != -1 || c.ModeStr != "" || c.AttemptUnpackDockerCompatibility ||
		len(c.IncludePatterns)+len(c.ExcludePatterns) > 0 || !c.DirCopyContents {
		return false, nil
	}
	from.mu.Lock()
	defer from.mu.Unlock()
	i, err := from.resolve(cleaned(c.Src), c.FollowSymlink)
	if err != nil {
		return false, err
	}
	if i < 0 {
		return false, &NotFoundError{c.Src}
	}
	var all []int
	for n, end := i, from.end(i); n < end; n++ {
		all = append(all, n)
	}
	if err := from.take(ctx, all); err != nil {
		return false, err
	}
	dest := cleaned(c.Dest)
	if from.records[i].kind != directory {
		if old, found := d[keyOf(dest)]; strings.HasSuffix(c.Dest, "/") || found && old.kind == directory {
			dest = path.Join(dest, path.Base(cleaned(c.Src)))
		}
		return d.put(dest, from.records[i]), nil
	}
	prefix := from.records[i].key
	for _, n := range all {
		r := from.records[n]
		p := cleaned(dest + strings.ReplaceAll(strings.TrimSuffix(strings.TrimPrefix(r.key, prefix), "\x00"), "\x00", "/"))
		switch r.kind {
		case directory:
			ok = d.mkdir(p, "")
		case header:
			old, found := d[keyOf(p)+"\x00"]
			if ok = found; ok && (p != dest || old.digest == "") {
				old.digest = digestOf("copied", r.digest)
				d[old.key] = old
			}
		default:
			ok = d.put(p, r)
		}
		if !ok {
			return false, nil
		}
	}
	return true, nil
}
