package manifests

import (
	"path"
	"strings"

	"layerwise/dockerfile/shell"
	"layerwise/internal/lazy"
	"layerwise/internal/words"
)

// readPip follows requirements files. pip writes nothing into the project's tree, and packages that
// are named by version or URL need nothing from it.
func readPip(r *reader) {
	p := pipReader{reader: r, by: map[string]bool{}}
	p.start(r.inst.Files)
	for _, name := range r.inst.Settings {
		r.upwards(&r.others, name)
	}
	p.options()
	if src, ok := r.optional("setup.cfg"); ok && strings.Contains(src, "[install]") {
		r.add(&r.others, r.in("setup.cfg")) // distutils takes installation options from it
	}
}

// optional is the text of a file in the install's directory that need not be there.
func (r *reader) optional(name string) (string, bool) {
	if !r.there(r.in(name)) {
		return "", false
	}
	return r.text(r.in(name))
}

type pipReader struct {
	*reader
	by map[string]bool // files read
}

func (p *pipReader) start(words []shell.Word) {
	for _, w := range words {
		if to, ok := p.operand(w); ok {
			p.file(to, 0)
		}
	}
}

// options reads the flags of the command that name local files beside requirements.
func (p *pipReader) options() {
	for _, dir := range p.values(shell.TargetFolder) {
		p.target(dir)
	}
	for _, dir := range p.values(shell.PackageFolder) {
		p.findLinks(dir, p.dir, "the command")
	}
	for _, url := range p.values(shell.PackageIndex) {
		p.index(url, "the command")
	}
	for _, group := range p.values(shell.Requirements) {
		file, _, named := strings.Cut(group, ":")
		if !named {
			file = "pyproject.toml"
		}
		p.require(&p.manifests, p.in(file), "the command")
	}
	for _, target := range p.values(shell.EditableProject) {
		p.requirement(target, true, "the command")
	}
	for _, file := range p.values(shell.InputFile) {
		p.doubt("%s names another file, %s", words.Code(p.inst.Phrase), file)
	}
}

// file reads one requirements file.
func (p *pipReader) file(name string, depth int) {
	name = path.Clean(name)
	if p.by[name] || !p.there(name) {
		return
	}
	p.by[name] = true
	switch base := path.Base(name); {
	case depth > maxDepth || len(p.by) > maxFiles:
		p.doubt("%s names too many other files", name)
		return
	case base == "pyproject.toml":
		p.pyproject(name)
		return
	case base == "setup.py" || base == "setup.cfg":
		p.never("%s reads the project's %s, and that may read all its sources", words.Code(p.inst.Phrase), base)
		return
	}
	src, ok := p.text(name)
	if !ok {
		return
	}
	for _, line := range requirementLines(src) {
		p.line(line, name, depth)
	}
}

var (
	pipComment = lazy.New(`(^|\s+)#.*$`)
	pipOption  = lazy.New(`^(-[A-Za-z]|--[A-Za-z-]+)(?:\s*=\s*|\s+|$)?(.*)$`)
	pipName    = lazy.New(`^[A-Za-z0-9][A-Za-z0-9._-]*\s*(\[[^\]]*\])?\s*`)
	pipArchive = lazy.New(`(?i)\.(whl|zip|tar|tgz|tbz|txz|tlz|tar\.(gz|bz2|xz|lz|lzma))$`)
)

// requirementLines joins continued lines and drops comments, as pip does.
func requirementLines(src string) (lines []string) {
	src = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(src)
	var held strings.Builder
	add := func() {
		if line := strings.TrimSpace(pipComment.ReplaceAllString(held.String(), "")); line != "" {
			lines = append(lines, line)
		}
		held.Reset()
	}
	for line := range strings.SplitSeq(src, "\n") {
		more := false
		if !strings.HasPrefix(strings.TrimLeft(line, " \t"), "#") {
			line, more = strings.CutSuffix(line, `\`)
		}
		if held.WriteString(line); !more {
			add()
		}
	}
	add()
	return lines
}

func (p *pipReader) line(line, file string, depth int) {
	if !strings.HasPrefix(line, "-") {
		p.requirement(line, false, file)
		return
	}
	m := pipOption.FindStringSubmatch(line)
	if m == nil {
		p.doubt("%s has the option %s", file, line)
		return
	}
	value := strings.Trim(m[2], `"'`)
	switch option := m[1]; option {
	case "-r", "-c", "--requirement", "--constraint", "--requirements", "--constraints":
		switch {
		case isURL(value):
		case strings.Contains(value, "${"):
			p.doubt("%s names a file by a variable", file)
		case path.IsAbs(value):
			p.doubt("%s names %s by its absolute path", file, value)
		default:
			next := path.Join(path.Dir(file), value)
			if p.require(&p.manifests, next, file) {
				p.file(next, depth+1)
			}
		}
	case "-e", "--editable":
		p.requirement(value, true, file)
	case "-f", "--find-links":
		p.findLinks(value, path.Dir(file), file)
	case "-i", "--index-url", "--extra-index-url", "--pypi-url":
		p.index(value, file)
	case "--no-index", "--no-binary", "--only-binary", "--prefer-binary", "--require-hashes", "--pre",
		"--trusted-host", "--use-feature", "--hash", "-Z", "--always-unzip", "--use-wheel", "--no-use-wheel", "--no-build-isolation":
	default:
		p.doubt("%s has the option %s", file, option)
	}
}

// requirement reads what is to be installed: a name, a URL or a local path. Paths are relative to
// the directory in which pip runs, not to the file.
func (p *pipReader) requirement(text string, editable bool, by string) {
	spec, _, _ := strings.Cut(text, " --") // --hash, --config-settings
	spec = strings.Trim(strings.TrimSpace(spec), `"'`)
	if name := pipName.FindString(spec); name != "" {
		if target, ok := strings.CutPrefix(spec[len(name):], "@"); ok {
			spec = strings.TrimSpace(target)
		}
	}
	if spec == "" {
		return
	}
	if scheme, rest, ok := strings.Cut(spec, ":"); ok && !strings.ContainsAny(scheme, " ;/<>=[") {
		switch scheme {
		case "file":
			p.never("%s installs a local path (%s)", by, spec)
			p.fileURL(rest)
		case "http", "https":
			// Fetched at build time.
		default:
			if strings.HasSuffix(scheme, "+file") {
				p.never("%s installs a local path (%s)", by, spec)
			} else if editable {
				p.output("src")
				p.doubt("pip checks %s out into src", scheme+":"+strings.SplitN(rest, "@", 2)[0])
			}
		}
		return
	}
	local, _, _ := strings.Cut(spec, ";")
	local = strings.TrimSpace(local)
	if i := strings.IndexByte(local, '['); i >= 0 {
		local = strings.TrimSpace(local[:i])
	}
	switch {
	case pipArchive.MatchString(local):
		if path.IsAbs(local) {
			p.doubt("%s names %s by its absolute path", by, local)
			return
		}
		p.require(&p.others, p.in(local), by)
	case local == "." || local == "-e .":
		p.never("%s installs the project itself", by)
		p.reads(p.dir)
	case editable || strings.HasPrefix(local, ".") || strings.ContainsAny(local, `/\`):
		p.never("%s installs %s from its sources", by, local)
		if to, ok := p.toDir(local); ok {
			p.reads(p.in(to))
		}
	}
}

// fileURL notes what file:///path or file:path names.
func (p *pipReader) fileURL(rest string) {
	rest, _, _ = strings.Cut(strings.TrimPrefix(rest, "//"), "#")
	to, ok := p.toDir(strings.TrimPrefix(rest, "localhost"))
	if !ok || strings.Contains(rest, "$") {
		return
	}
	if e, there := p.c.Lookup(p.in(to)); there && e.Mode.IsRegular() {
		p.add(&p.others, p.in(to))
	} else if there {
		p.reads(p.in(to))
	}
}

func (p *pipReader) findLinks(value, dir, by string) {
	if isURL(value) && !strings.HasPrefix(value, "file:") {
		return
	}
	if strings.HasPrefix(value, "file:") || path.IsAbs(value) || strings.Contains(value, "$") {
		p.doubt("%s looks for packages in %s", by, value)
		return
	}
	// pip tries the path beside the file first, and then in the directory it runs in.
	for _, at := range []string{path.Join(dir, value), p.in(value)} {
		if e, ok := p.c.Lookup(at); ok {
			if e.Mode.IsRegular() {
				p.add(&p.others, at)
			} else {
				p.folder(&p.others, at)
			}
			return
		}
	}
	// pip only warns about a folder that is not there.
}

func (p *pipReader) index(value, by string) {
	if strings.HasPrefix(value, "file:") || !isURL(value) && !strings.Contains(value, "$") {
		p.doubt("%s takes %s as its package index", by, value)
	}
}

// pyproject reads the dependencies of a project file given by -r, as uv can.
func (p *pipReader) pyproject(name string) {
	var m pyproject
	if !p.toml(name, &m) {
		return
	}
	if m.dynamic() {
		p.never("%s computes its dependencies when it is built", name)
	}
	for _, spec := range m.specs() {
		p.requirement(spec, false, name)
	}
	p.uvSources(m, name)
}
