package manifests

import (
	"path"
	"strings"

	"layerwise/dockerfile/shell"
	"layerwise/internal/lazy"
)

// readDotnet reads what dotnet restore does: a solution or project, the projects that they refer to,
// and the files that MSBuild and NuGet find upwards from each.
func readDotnet(r *reader) {
	d := dotnetReader{reader: r, projects: map[string]bool{}}
	targets := []string{}
	for _, w := range r.inst.Files {
		p, ok := r.operand(w)
		if !ok {
			return
		}
		targets = append(targets, p)
	}
	if len(targets) == 0 {
		targets = []string{r.dir}
	}
	for _, p := range targets {
		e, ok := r.c.Lookup(p)
		if p == "." || ok && e.Mode.IsDir() {
			d.folder(p)
			continue
		}
		if r.require(&r.manifests, p, "the command") {
			d.open(p)
		}
	}
	if w, ok := r.value(shell.SettingsFile); ok {
		if p, ok := r.operand(w); ok {
			r.require(&r.others, p, "the command")
			d.nuget(p)
		}
	}
	if w, ok := r.value(shell.PackageIndex); ok && !isURL(w.Text) {
		r.doubt("the install takes packages from %s", w.Text)
	}
	if len(r.manifests) == 0 {
		return
	}
	d.above(r.dir)
	r.lockWritten()
}

type dotnetReader struct {
	*reader
	projects map[string]bool
}

// folder restores the one solution or project of a directory. A solution is preferred by nobody:
// with several, the command fails.
func (d *dotnetReader) folder(dir string) {
	found := 0
	for _, e := range d.c.List(dir) {
		if isSolution(e.Path) || strings.HasSuffix(path.Ext(e.Path), "proj") {
			if d.add(&d.manifests, e.Path) {
				found++
				d.open(e.Path)
			}
		}
	}
	if found > 1 {
		d.doubt("%s has several solutions or projects", dir)
	}
}

func isSolution(p string) bool {
	switch path.Ext(p) {
	case ".sln", ".slnx", ".slnf":
		return true
	}
	return false
}

func (d *dotnetReader) open(p string) {
	switch path.Ext(p) {
	case ".sln":
		d.solution(p)
	case ".slnx":
		d.solutionX(p)
	case ".slnf":
		d.doubt("%s is a filter for another solution", p)
	default:
		d.project(p, 0)
	}
}

var slnProject = lazy.New(`(?m)^\s*Project\("[^"]*"\)\s*=\s*"[^"]*",\s*"([^"]+)"`)

func (d *dotnetReader) solution(p string) {
	src, ok := d.text(p)
	if !ok {
		return
	}
	for _, m := range slnProject.FindAllStringSubmatch(src, -1) {
		to := slashed(m[1])
		if strings.HasSuffix(path.Ext(to), "proj") {
			d.reference(path.Dir(p), to, p, 0)
		} // else a folder of the solution
	}
	for _, name := range []string{"Directory.Solution.props", "Directory.Solution.targets"} {
		d.add(&d.others, path.Join(path.Dir(p), name))
	}
}

func (d *dotnetReader) solutionX(p string) {
	var s slnx
	if d.xml(p, &s) {
		d.slnxProjects(s.Projects, p)
		for _, folder := range s.Folders {
			d.slnxProjects(folder.Projects, p)
		}
	}
}

type slnx struct {
	Projects []slnxProject `xml:"Project"`
	Folders  []struct {
		Projects []slnxProject `xml:"Project"`
	} `xml:"Folder"`
}

type slnxProject struct {
	Path string `xml:"Path,attr"`
}

func (d *dotnetReader) slnxProjects(list []slnxProject, by string) {
	for _, project := range list {
		d.reference(path.Dir(by), slashed(project.Path), by, 0)
	}
}

func (d *dotnetReader) reference(dir, to, by string, depth int) {
	if strings.ContainsAny(to, "$*;") {
		d.doubt("%s names %s, which MSBuild has to work out", by, to)
		return
	}
	if p := path.Join(dir, to); d.require(&d.manifests, p, by) {
		d.project(p, depth)
	}
}

// msbuild is the part of a project file, or of one that it imports, that names other files.
type msbuild struct {
	Sdk          string     `xml:"Sdk,attr"`
	Imports      []msImport `xml:"Import"`
	ImportGroups []struct {
		Imports []msImport `xml:"Import"`
	} `xml:"ImportGroup"`
	Groups []struct {
		References []struct {
			Include string `xml:"Include,attr"`
		} `xml:"ProjectReference"`
	} `xml:"ItemGroup"`
	Targets []struct {
		Before string `xml:"BeforeTargets,attr"`
		After  string `xml:"AfterTargets,attr"`
	} `xml:"Target"`
	Properties []struct {
		LockFile  string `xml:"NuGetLockFilePath"`
		Config    string `xml:"RestoreConfigFile"`
		Sources   string `xml:"RestoreSources"`
		More      string `xml:"RestoreAdditionalProjectSources"`
		Obj       string `xml:"BaseIntermediateOutputPath"`
		Packages  string `xml:"RestorePackagesPath"`
		Central   string `xml:"DirectoryPackagesPropsPath"`
		Artifacts string `xml:"UseArtifactsOutput"`
	} `xml:"PropertyGroup"`
}

type msImport struct {
	Project   string `xml:"Project,attr"`
	Sdk       string `xml:"Sdk,attr"`
	Condition string `xml:"Condition,attr"`
}

func (d *dotnetReader) project(p string, depth int) {
	if d.projects[p] {
		return
	}
	d.projects[p] = true
	if depth > maxDepth || len(d.projects) > maxFiles {
		d.doubt("%s is one of too many projects", p)
		return
	}
	dir := path.Dir(p)
	if rel, ok := relative(d.dir, dir); ok {
		d.output(path.Join(rel, "obj"))
	}
	d.add(&d.locks, path.Join(dir, "packages.lock.json"))
	d.msbuild(p, dir, depth)
	d.above(dir)
}

// msbuild reads one project file or import.
func (d *dotnetReader) msbuild(p, dir string, depth int) {
	var m msbuild
	if !d.xml(p, &m) {
		return
	}
	imports := m.Imports
	for _, group := range m.ImportGroups {
		imports = append(imports, group.Imports...)
	}
	d.conditions(p, imports)
	for _, target := range m.Targets {
		if hooks := target.Before + target.After; strings.Contains(hooks, "Restore") || strings.Contains(hooks, "CollectPackage") {
			d.doubt("%s has a target that runs with the restore", p)
		}
	}
	for _, i := range imports {
		if i.Sdk != "" {
			continue
		}
		optional := strings.Contains(strings.ToLower(i.Condition), "exists(")
		d.imported(slashed(i.Project), p, dir, depth, optional)
	}
	for _, group := range m.Groups {
		for _, ref := range group.References {
			if ref.Include != "" {
				d.reference(dir, slashed(ref.Include), p, depth+1)
			}
		}
	}
	for _, props := range m.Properties {
		if props.LockFile+props.Config+props.Sources+props.More+props.Obj+props.Packages+props.Central+props.Artifacts != "" {
			d.doubt("%s tells NuGet to use other files or folders", p)
		}
	}
}

// conditions doubts the list if something but an import depends on which files there are, or on what
// is in them.
func (d *dotnetReader) conditions(p string, imports []msImport) {
	src, _ := d.text(p)
	src = strings.ToLower(src)
	asked := strings.Count(src, "exists(")
	for _, i := range imports {
		asked -= strings.Count(strings.ToLower(i.Condition), "exists(")
	}
	if asked > 0 || strings.Contains(src, "[system.io.") {
		d.doubt("%s asks for other files", p)
	}
}

// imported reads an <Import>. Only paths that are plain but for the directory of the file are known.
func (d *dotnetReader) imported(to, by, dir string, depth int, optional bool) {
	at := path.Dir(by)
	if rest, ok := strings.CutPrefix(to, "$(MSBuildThisFileDirectory)"); ok {
		to = strings.TrimPrefix(rest, "/")
	}
	if strings.Contains(to, "GetPathOfFileAbove('Directory.Build.") {
		return // above has found it
	}
	for _, prefix := range []string{"$(MSBuildExtensionsPath", "$(MSBuildToolsPath", "$(VSToolsPath", "$(MSBuildBinPath"} {
		if strings.HasPrefix(to, prefix) {
			return // part of the SDK
		}
	}
	if strings.ContainsAny(to, "$*;") {
		d.doubt("%s imports %s, which MSBuild has to work out", by, to)
		return
	}
	p := path.Join(at, to)
	if _, there := d.c.Lookup(p); d.seen[p] || optional && !there {
		return
	}
	if depth > maxDepth {
		d.doubt("%s imports too many files", by)
		return
	}
	if d.require(&d.others, p, by) {
		d.msbuild(p, dir, depth+1)
	}
}

// above reads the files that MSBuild and NuGet look for in a directory and all above it. MSBuild
// stops at the first Directory.Build.props, so the others are read only if that one imports them.
func (d *dotnetReader) above(dir string) {
	for up := dir; inside(up); up = path.Dir(up) {
		for _, name := range []string{"Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "Directory.Build.rsp"} {
			p := path.Join(up, name)
			if !d.seen[p] && d.add(&d.others, p) && path.Ext(p) != ".rsp" {
				d.msbuild(p, dir, 0)
			}
		}
		d.add(&d.others, path.Join(up, "global.json"))
		for _, name := range []string{"NuGet.Config", "NuGet.config", "nuget.config"} {
			if p := path.Join(up, name); !d.seen[p] && d.add(&d.others, p) {
				d.nuget(p)
			}
		}
		if up == "." {
			return
		}
	}
}

// nuget looks for package sources that are folders.
func (d *dotnetReader) nuget(p string) {
	var config struct {
		Sources []struct {
			Value string `xml:"value,attr"`
		} `xml:"packageSources>add"`
		Settings []struct {
			Key string `xml:"key,attr"`
		} `xml:"config>add"`
	}
	if !d.xml(p, &config) {
		return
	}
	for _, source := range config.Sources {
		if !isURL(source.Value) {
			d.doubt("%s takes packages from %s", p, source.Value)
		}
	}
	for _, s := range config.Settings {
		switch s.Key {
		case "globalPackagesFolder", "repositoryPath":
			d.doubt("%s sets %s", p, s.Key)
		}
	}
}

func slashed(p string) string { return strings.ReplaceAll(p, `\`, "/") }
