package completion

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"layerwise/build/images"
	"layerwise/dockerfile/grammar"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/language/cursor"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// mountType is the type of the mount at the place.
func (l *list) mountType() string {
	if t := strings.ToLower(l.place.Mount("type")); t != "" {
		return t
	}
	return "bind"
}

// cacheMount is a cache for a program that a RUN calls.
type cacheMount struct {
	shell.Cache
	program string
	options string // that belong to it: ",sharing=locked"
}

// caches are those of the programs of this RUN; if it has none yet, of the programs that the stage has.
func (l *list) caches() (list []cacheMount) {
	step := l.step()
	if step == nil || step.Stage == nil || step.Stage.Windows {
		return nil
	}
	var programs []string
	for _, cmd := range commands(step) {
		programs = append(programs, cmd.Program)
	}
	if len(programs) == 0 {
		around := l.surroundings()
		all := shell.Phrases()
		for i := range all {
			if p := &all[i]; around.has(p) && (p.Files == "" && shell.Manager(p.Program) != "" || len(around.there(p.Files)) > 0) {
				programs = append(programs, p.Program)
			}
		}
	}
	home, owner := l.home(step)
	variable := func(name string) (string, bool) {
		v, ok := step.Vars.Lookup(name)
		return value(v, ok)
	}
	for _, program := range programs {
		for _, c := range shell.Caches(program, home, variable) {
			if slices.ContainsFunc(list, func(other cacheMount) bool { return other.Path == c.Path }) || l.mounted(step, c.Path) {
				continue
			}
			m := cacheMount{Cache: c, program: program}
			if c.Locked {
				m.options += ",sharing=locked"
			}
			if owner > 0 && strings.HasPrefix(c.Path, home+"/") {
				m.options += ",uid=" + strconv.Itoa(owner)
			}
			list = append(list, m)
		}
	}
	return list
}

func value(v *stages.Scope, ok bool) (string, bool) {
	if !ok || !v.Value.Known {
		return "", false
	}
	return v.Value.Text, true
}

// home is the home folder of the step's user, "" if it is not known, and the number of the user, 0 if it is root or not
// known.
func (l *list) home(step *stages.Step) (home string, owner int) {
	user, _, _ := strings.Cut(step.User.Text, ":")
	if f, ok := images.Of(step.Stage); ok {
		if user == "" {
			user, _, _ = strings.Cut(f.User, ":")
		}
		if n := f.Users[user]; n != nil {
			owner = *n
		}
	}
	if n, err := strconv.Atoi(user); err == nil {
		owner = n
	}
	if home, ok := value(step.Vars.Lookup("HOME")); ok && path.IsAbs(home) {
		return home, owner
	}
	switch {
	case user == "root" || user == "0" || user == "" && (step.User.Known || step.User.Text == ""):
		return "/root", 0
	case !slices.ContainsFunc(l.made(), func(u madeUser) bool { return u.name == user }):
		return "", owner // a user of the system lives elsewhere
	}
	return "/home/" + user, owner
}

// mounted reports whether another mount of the RUN has the target.
func (l *list) mounted(step *stages.Step, target string) bool {
	mounts, err := step.Mounts()
	return err == nil && slices.ContainsFunc(mounts, func(m *instructions.Mount) bool { return path.Clean(m.Target) == target })
}

func (m *cacheMount) doc() string {
	return "A cache mount for " + m.program + ": " + m.Doc + ". It stays on the builder between builds, so that a rerun of this step finds it again, and is in no layer."
}

// mountFlags are whole flags that mount the caches of the RUN's programs.
func (l *list) mountFlags(flag string) {
	for _, c := range l.caches() {
		text := "--" + flag + "=type=cache,target=" + c.Path + c.options
		l.add(Item{Label: text, Kind: Flag, Detail: "cache for " + c.program, Doc: c.doc(), Bucket: flagBucket})
	}
}

// mountKeys are the keys that the type of the mount takes and that it has not yet.
func (l *list) mountKeys() {
	if l.place.Flag == "device" {
		l.deviceKeys()
		return
	}
	typed := l.place.Mount("type") != ""
	others := slices.DeleteFunc(slices.Clone(l.place.Fields), func(f cursor.Field) bool { return f.Span.Contains(l.place.Offset) || f.Name == "" })
	if len(others) == 0 && !l.place.Equal {
		for _, c := range l.caches() {
			l.add(Item{Label: "type=cache,target=" + c.Path + c.options, Kind: Value, Detail: "cache for " + c.program, Doc: c.doc(), Bucket: 1})
		}
		for _, id := range l.ids() {
			if id.kind == "cache" {
				continue // it needs a target, which comes before
			}
			l.add(Item{Label: "type=" + id.kind + ",id=" + id.name, Kind: Value, Detail: id.detail, Doc: sentence(idDocs[id.kind]), Bucket: 30})
		}
	}
	for i := range grammar.MountKeys {
		k := &grammar.MountKeys[i]
		names := append([]string{k.Name}, k.Aliases...)
		given := slices.ContainsFunc(others, func(f cursor.Field) bool { return slices.Contains(names, f.Name) })
		if given || k.Use(l.mountType()) != grammar.Legal || !typed && k.AfterType || k.Name == "type" && len(others) > 0 && l.needsOther() || l.secretNamed(k.Name) {
			continue
		}
		it := Item{Label: k.Name, Kind: Flag, Doc: sentence(k.Doc), Bucket: 10 + i}
		it.Text = k.Name
		switch {
		case k.Bare && !l.place.Equal:
			it.Commits = "="
		case !l.place.Equal:
			it.Text += "="
		}
		l.add(it)
		if k.Name == "target" && l.mountType() == "cache" && !l.place.Equal {
			for _, c := range l.caches() {
				l.add(Item{Label: "target=" + c.Path + c.options, Kind: Value, Detail: "cache for " + c.program, Doc: c.doc(), Bucket: 2})
			}
		}
	}
}

// secretNamed reports whether a key would name a secret a second time: BuildKit takes one of id and source.
func (l *list) secretNamed(key string) bool {
	if l.mountType() != "secret" {
		return false
	}
	return key == "id" && l.place.Mount("source", "src") != "" || key == "source" && l.place.Mount("id") != ""
}

// needsOther reports whether a key of the mount is refused unless the type stands before it, so that one behind it is wrong.
func (l *list) needsOther() bool {
	return slices.ContainsFunc(l.place.Fields, func(f cursor.Field) bool {
		k := grammar.FindMountKey(f.Name)
		return k != nil && k.AfterType && f.Span.End < l.place.Offset
	})
}

// deviceKeys are the keys of --device.
func (l *list) deviceKeys() {
	for i, k := range grammar.DeviceKeys {
		if slices.ContainsFunc(l.place.Fields, func(f cursor.Field) bool { return f.Name == k.Name && !f.Span.Contains(l.place.Offset) }) {
			continue
		}
		it := Item{Label: k.Name, Kind: Flag, Doc: sentence(k.Doc), Bucket: 10 + i}
		if !k.Bare && !l.place.Equal {
			it.Text = k.Name + "="
		}
		l.add(it)
	}
}

func (l *list) mountValue() {
	k := grammar.FindMountKey(l.place.Key)
	if k == nil || l.place.Flag == "device" {
		return
	}
	kind := l.mountType()
	switch {
	case k.Name == "type":
		for i, t := range grammar.MountTypes {
			l.add(Item{Label: t.Name, Kind: Value, Doc: sentence(t.Doc), Bucket: 10 + i})
		}
	case k.Name == "from":
		l.stages(false)
		l.images()
	case k.Name == "source" && l.place.Mount("from") != "":
		l.madeIn(l.place.Mount("from"), false)
	case k.Name == "source" && kind == "bind":
		l.contextPaths(20)
	case k.Name == "target" && kind == "cache":
		for i, c := range l.caches() {
			options := c.options
			if l.place.Mount("sharing", "uid") != "" {
				options = ""
			}
			l.add(Item{Label: c.Path, Kind: Folder, Detail: "cache for " + c.program, Doc: c.doc(), Text: c.Path + options, Bucket: 1 + i})
		}
	case k.Name == "target" && kind == "bind":
		if source := l.place.Mount("source", "src"); source != "" && l.place.Mount("from") == "" {
			l.add(Item{Label: path.Base(source), Kind: File, Detail: "in the working directory", Bucket: 1})
		}
		l.workdirs(2)
	case k.Name == "id" || k.Name == "source" && kind == "secret":
		for i, id := range l.ids() {
			if id.kind == kind {
				l.add(Item{Label: id.name, Kind: Value, Detail: id.detail, Bucket: 1 + i})
			}
		}
	case k.Name == "env":
		if id := l.place.Mount("id", "source", "src"); id != "" {
			name := strings.ToUpper(strings.Map(func(r rune) rune {
				if r == '-' || r == '.' {
					return '_'
				}
				return r
			}, id))
			l.add(Item{Label: name, Kind: Variable, Detail: "the secret in a variable of this RUN", Bucket: 1})
		}
	default:
		l.values(k.Values, "")
	}
}

// mountID is the id of a secret, an SSH agent or a cache.
type mountID struct{ kind, name, detail string }

// idDocs say what a mount of a kind is, for those that are named by an id.
var idDocs = map[string]string{
	"secret": "the secret is a file for this RUN only; it gets into no layer",
	"ssh":    "the RUN reaches what the keys of the agent open; the keys get into no layer",
}

// ids are those of what the file's builds pass, of secrets, agents and caches that other RUNs of the file have, and of those
// elsewhere in the workspace.
func (l *list) ids() (list []mountID) {
	add := func(kind, name, detail string) {
		if name != "" && !strings.ContainsAny(name, " ,\"$") && !slices.ContainsFunc(list, func(id mountID) bool { return id.kind == kind && id.name == name }) {
			list = append(list, mountID{kind, name, detail})
		}
	}
	for _, b := range l.doc.Builds() {
		for _, name := range b.Secrets {
			add("secret", name, "passed by "+b.File)
		}
		for _, name := range b.SSH {
			add("ssh", name, "passed by "+b.File)
		}
	}
	for i, in := range l.doc.File.Instructions {
		if in.Name != "RUN" || in == l.place.Instr || !strings.Contains(in.Text, "--mount") {
			continue
		}
		step := l.doc.Graph.StepAt(i)
		mounts, err := step.Mounts()
		if err != nil {
			continue
		}
		for _, m := range mounts {
			if id := m.CacheID; id != "" && (m.Type != instructions.MountTypeSSH || id != "default") {
				add(string(m.Type), id, "used in line "+strconv.Itoa(l.doc.Graph.Line(step)))
			}
		}
	}
	add("ssh", "default", "the agent of `--ssh default`")
	for _, id := range l.doc.MountIDs() {
		add(id.Kind, id.Name, "in "+id.File)
	}
	return list
}
