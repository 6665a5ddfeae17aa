package manifests

import (
	"path"
	"slices"
	"strings"

	"layerwise/internal/lazy"
)

// A language is how files of a kind name environment variables.
type language struct {
	files   []string     // patterns of path.Match for the base name
	names   *lazy.Regexp // one group a form, the variable's name
	dynamic *lazy.Regexp // in the rest: a name that is computed, or code of elsewhere; nil if there is no such thing
	imports *lazy.Regexp // the module that it loads, which may be a file of the project
}

var (
	shellVar = lazy.New(`\$\{?([A-Za-z_][A-Za-z0-9_]*)|%([A-Za-z_][A-Za-z0-9_]*)%`)
	braced   = lazy.New(`\$\{([A-Za-z_][A-Za-z0-9_]*)`)
)

const quotedName = `\s*\(?\s*['"]([A-Za-z_]\w*)['"]`

// languages are the kinds of files that can name variables. The first one that fits a name counts.
var languages = []language{
	{files: []string{"*.npmrc", ".yarnrc", ".yarnrc.yml", "pnpm-workspace.yaml"}, names: braced},
	{files: []string{"bunfig.toml", "Pipfile", ".Renviron", ".condarc"}, names: shellVar},
	{files: []string{"pyproject.toml", "pdm.toml"}, names: lazy.New(`\$\{([A-Za-z_]\w*)|\{env:([A-Za-z_]\w*)`)},
	{files: []string{"NuGet.config", "NuGet.Config", "nuget.config"}, names: lazy.New(`%([A-Za-z_]\w*)%`)},
	{files: []string{"*.*proj", "*.props", "*.targets", "*.rsp"}, names: lazy.New(`\$\(([A-Za-z_]\w*)\)|GetEnvironmentVariable\(\s*['"]?([A-Za-z_]\w*)`)},
	{files: []string{"*.xml", "maven.config"}, names: lazy.New(`\benv\.([A-Za-z_][\w.]*)`)},
	{files: []string{"Gemfile*", "gems.rb", "*.gemspec", "*.rb"}, names: lazy.New(`\bENV(?:\.(?:fetch|key\?|has_key\?|include\?|dig|delete))?\s*[\[(]?\s*['"]([A-Za-z_]\w*)['"]`),
		dynamic: lazy.New("\\bENV\\b|\\b(require_relative|load|eval|instance_eval|system|exec|spawn)\\b|\\beval_gemfile\\s*\\(?\\s*[^\"'\\s(]|`|%x")},
	{files: []string{"*.exs", "*.ex"}, names: lazy.New(`\bSystem\.(?:get_env|fetch_env!?)` + quotedName),
		dynamic: lazy.New(`\b(get_env|fetch_env!?)\b|:os\.getenv|\bCode\.|\bSystem\.(cmd|shell)\b`)},
	{files: []string{"*.py"}, names: lazy.New(`\b(?:environ(?:\.(?:get|setdefault|pop))?\s*[\[(]|getenv\s*\()\s*['"]([A-Za-z_]\w*)['"]`),
		dynamic: lazy.New(`\b(environ|getenv|environb|exec|eval|execfile|import_module|runpy|versioneer)\b`),
		imports: lazy.New(`(?m)^\s*(?:from|import)\s+([A-Za-z_]\w*)`)},
	{files: []string{"*.js", "*.cjs", "*.mjs", "*.ts", "*.cts", "*.mts"}, names: lazy.New(`\bprocess\.env\.([A-Za-z_]\w*)|\bprocess\.env\[\s*['"]([A-Za-z_]\w*)['"]`),
		dynamic: lazy.New(`\bprocess\b|\bDeno\.env\b|\bBun\.env\b|(require|import)\s*\(\s*['"]\.|\bfrom\s+['"]\.|\bchild_process\b`)},
	{files: []string{"*.gradle", "*.kts", "*.groovy", "*.kt", "*.java", "*.sbt", "*.scala", "*.mill", "*.sc", "*.clj", "*.edn"}, names: lazy.New(
		`\b(?:getenv|environmentVariable)` + quotedName + `|\bgetenv\(\)(?:\.get\(|\.getOrDefault\(|\[)\s*['"]([A-Za-z_]\w*)|\bgetenv\(\)\.([A-Z_][A-Z0-9_]*)\b|\b(?:System|sys)\.env(?:\.get|\.getOrElse|\.getOrDefault)?\s*[\[(]\s*['"]([A-Za-z_]\w*)['"]|\bSystem\.env\.([A-Z_]\w*)|\benv/([A-Za-z_]\w*)`),
		dynamic: lazy.New(`\bgetenv\b|\benvironmentVariables?\b|\b(System|sys)\.env\b|\.execute\(|\bProcessBuilder\b|\bcommandLine\b`)},
	{files: []string{".Rprofile", "*.R"}, names: lazy.New(`\bSys\.getenv` + quotedName),
		dynamic: lazy.New(`\bSys\.getenv\b|\bsystem2?\s*\(`)},
	{files: []string{"Package.swift"}, names: lazy.New(`\benvironment\[\s*"([A-Za-z_]\w*)"`), dynamic: lazy.New(`\benvironment\b|\bgetenv\b`)},
	{files: []string{"*.config.script"}, names: lazy.New(`\bos:getenv` + quotedName), dynamic: lazy.New(`\bgetenv\b|\bos:cmd\b`)},
	{files: []string{"cpanfile"}, names: lazy.New(`\$ENV\{\s*['"]?([A-Za-z_]\w*)`), dynamic: lazy.New(`\bENV\b|\beval\b|\brequire_?file\b`)},
	{files: []string{"*.nimble"}, names: lazy.New(`\bgetEnv` + quotedName), dynamic: lazy.New(`\bgetEnv\b|\bexec\b|\bgorge\b`)},
	{files: []string{"build.zig"}, names: lazy.New(`\bgetEnvVarOwned\([^"]*"([A-Za-z_]\w*)"`), dynamic: lazy.New(`\bgetEnv\w*`)},
	{files: []string{"requirements.yml", "requirements.yaml"}, names: lazy.New(`\blookup\(\s*['"](?:ansible\.builtin\.)?env['"]\s*,` + quotedName), dynamic: lazy.New(`\blookup\(`)},
	{files: []string{"*.yml", "*.yaml"}, names: shellVar},
	{files: []string{"*.txt", "*.in"}, names: braced},
}

// sdkProperties are what the targets of the .NET SDK read while they restore, whatever the project says:
// MSBuild makes a property of each variable. In lower case, sorted.
var sdkProperties = []string{
	"assemblyname", "baseintermediateoutputpath", "configuration", "disableimplicitframeworkreferences", "outputpath", "packageid", "packageversion",
	"platform", "runtimeidentifier", "runtimeidentifiers", "targetframework", "targetframeworks", "version", "versionprefix", "versionsuffix",
}

// variables notes the variables that the listed files name, and those of programs that run without
// being listed.
func (r *reader) variables() {
	for _, list := range [][]string{r.manifests, r.others} {
		for _, p := range list {
			r.variablesOf(p)
		}
	}
	if r.eco.name == "dotnet" {
		for _, name := range sdkProperties {
			r.vars[name] = true
		}
	}
	if r.isNever && slices.Contains(pythonTools, r.eco.name) {
		for _, name := range []string{"setup.py", "build.py", "hatch_build.py"} {
			if r.there(r.in(name)) {
				r.variablesOf(r.in(name))
			}
		}
	}
	if slices.ContainsFunc(r.folders, func(dir string) bool { return dir != r.dir || !slices.Contains(pythonTools, r.eco.name) }) {
		r.anyVar = true // a package that is built from its sources runs what it wants
	}
}

func (r *reader) variablesOf(p string) {
	base := path.Base(p)
	i := slices.IndexFunc(languages, func(l language) bool {
		return slices.ContainsFunc(l.files, func(pattern string) bool { return fits(pattern, base) })
	})
	if i < 0 {
		return
	}
	why := r.why
	src, ok := r.text(p)
	if !ok {
		r.why, r.anyVar = why, true // whoever reads the file for its content has the doubt
		return
	}
	type key struct{ path string }
	found := r.c.MemoOf(key{p}, src, func() any { return languages[i].read(src) }).(namedVars)
	for _, name := range found.names {
		r.vars[name] = true
	}
	r.anyVar = r.anyVar || found.dynamic
	for _, module := range found.imports {
		if at := path.Join(path.Dir(p), module); r.c.Exists(at) || r.c.Exists(at+".py") {
			r.anyVar = true // a module of the project
		}
	}
}

// fits is path.Match for the base name of a file, without a look at each character for the patterns that most are: a
// name, and an ending.
func fits(pattern, base string) bool {
	if end, any := strings.CutPrefix(pattern, "*"); any && !strings.ContainsAny(end, `*?[\`) {
		return strings.HasSuffix(base, end)
	}
	ok, _ := path.Match(pattern, base)
	return ok
}

// namedVars are the variables that a text names.
type namedVars struct {
	names   []string
	dynamic bool
	imports []string
}

func (l language) read(src string) (found namedVars) {
	for _, m := range l.names.FindAllStringSubmatch(src, -1) {
		for _, name := range m[1:] {
			if name != "" {
				found.names = append(found.names, name)
			}
		}
	}
	found.dynamic = l.dynamic != nil && l.dynamic.MatchString(l.names.ReplaceAllString(src, ""))
	if l.imports != nil {
		for _, m := range l.imports.FindAllStringSubmatch(src, -1) {
			found.imports = append(found.imports, m[1])
		}
	}
	return found
}
