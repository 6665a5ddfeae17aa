package moves

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/manifests"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

func never(format string, args ...any) Verdict { return Verdict{Never, fmt.Sprintf(format, args...)} }

func doubt(format string, args ...any) Verdict {
	return Verdict{Doubtful, fmt.Sprintf(format, args...)}
}

// crossCopy judges whether a COPY, which writes moved, may move below a part.
func crossCopy(c copies.Copy, moved copied, part Part) Verdict {
	s := part.Step
	switch cmd := s.Instr.Cmd().(type) {
	case *instructions.EnvCommand, *instructions.ArgCommand:
		if c.Vars {
			return never("a variable the COPY uses is set between it and the install")
		}
	case *instructions.WorkdirCommand:
		if to := s.Join(s.Expand(cmd.Path).Text); moved.owned && (!to.Known || !moved.there(to.Text) && related(to.Text, c.Dest)) {
			return doubt("the COPY would no longer create %s and set its owner", to.Text)
		}
	case *instructions.CopyCommand:
		return crossOther(moved, s, cmd.DestPath)
	case *instructions.AddCommand:
		return crossOther(moved, s, cmd.DestPath)
	case *instructions.RunCommand:
		return crossRun(c, moved, part)
	case nil:
		return never("a line between the COPY and the install has an error")
	}
	return safe
}

// crossOther: another COPY or ADD may write the same files.
func crossOther(moved copied, s *stages.Step, dest string) Verdict {
	to := destination(s, dest)
	switch meets := moved.all.meets(to); {
	case meets == apart:
		return safe
	case meets == maybe, to.all:
		return never("another COPY above the install may write the same files")
	}
	return never("another COPY above the install writes into the same directory")
}

// destination is where a COPY or ADD writes.
func destination(s *stages.Step, dest string) area {
	to := s.Expand(dest)
	if !to.Known {
		return area{all: true}
	}
	at := s.Join(to.Text)
	name := at.Text
	if !at.Known {
		name = copies.DirOf(at)
	}
	return area{places: []place{{path: name}}}
}

// crossRun judges each command of a part of a RUN.
func crossRun(c copies.Copy, moved copied, part Part) Verdict {
	s := part.Step
	script := shell.Of(s.Instr, s.Shell)
	commands := part.commands()
	if script.Partial || script.Unknown || len(commands) == 0 {
		return never("the RUN between the COPY and the install may read the copied files")
	}
	verdict := crossMounts(moved, s)
	unwaited := script.Unwaited()
	for _, cmd := range commands {
		if slices.Contains(unwaited, cmd) {
			return never("%s runs in the background, and nothing waits until it is done", phraseOf(cmd))
		}
		if i, ok := part.Installs[cmd]; ok {
			verdict = verdict.Worse(crossInstall(c, moved, s, cmd, i))
		} else {
			verdict = verdict.Worse(crossCommand(moved, s, cmd))
		}
		verdict = verdict.Worse(crossEnvironment(moved, s, cmd)).Worse(crossImports(moved, s, cmd)).Worse(crossSearch(moved, cmd))
		if cmd.Effects().Shell&shell.ChangesDir != 0 {
			verdict = verdict.Worse(crossCd(c, moved, s, cmd))
		}
	}
	return verdict
}

// crossSearch: programs are looked for in these folders before those of the system, if nothing has set another PATH. A package runs
// many that the RUN does not name, so that each known one counts.
func crossSearch(moved copied, cmd *shell.Command) Verdict {
	if cmd.Program == "" || cmd.IsShellsOwn() {
		return safe
	}
	for _, p := range moved.late.places {
		for _, dir := range []string{"/usr/local/bin", "/usr/local/sbin"} {
			name := path.Base(p.path)
			switch {
			case p.data:
			case p.path != "/" && inside(dir, p.path) && !p.exact:
				return doubt("one of the copied files may be run in place of a program")
			case path.Dir(p.path) == dir && (name == cmd.Program || shell.IsProgram(name)):
				return doubt("%s of the copied files may be run in place of a program", name)
			}
		}
	}
	return safe
}

// crossMounts: a mount hides what a COPY puts at the same place, and its folder is made for it.
func crossMounts(moved copied, s *stages.Step) Verdict {
	mounts, err := s.Mounts()
	if err != nil {
		return never("a mount between the COPY and the install has an error")
	}
	if len(mounts) < mountFlags(s) {
		return doubt("a mount whose target is not known may hide copied files")
	}
	for _, m := range mounts {
		target := m.Target
		if target == "" {
			continue // a secret, below /run
		}
		if !path.IsAbs(target) {
			target = path.Join(copies.Dir(s), target)
		}
		if moved.all.meets(area{places: []place{{path: path.Clean(target)}}}) != apart {
			return doubt("a mount at %s may hide copied files", m.Target)
		}
	}
	return safe
}

// crossEnvironment: variables that count for every program may lead it to the copied files, as a PATH does
// that begins with a folder of the project.
func crossEnvironment(moved copied, s *stages.Step, cmd *shell.Command) Verdict {
	env := slices.Clone(copies.EnvAt(s, cmd))
	for _, a := range cmd.Assigns {
		env = append(env, manifests.Var{Name: a.Name, Value: a.Value.Text, Known: a.Value.Literal})
	}
	for _, v := range env {
		if !slices.Contains(forAllPrograms, v.Name) {
			continue
		}
		value := v.Value
		if !v.Known && value == "" {
			value = asWritten(s, v.Name)
		}
		for _, name := range strings.FieldsFunc(value, func(r rune) bool { return r == ':' || r == ' ' || r == '"' }) {
			if strings.Contains(name, "$") {
				to := copies.ScriptValue(s, name)
				if own := variableOf(name); !to.Known && own != v.Name && shell.Of(s.Instr, s.Shell).Sets().Has(own) {
					return doubt("%s may lead to the copied files", v.Name)
				}
				if !to.Known {
					continue // what was in it before
				}
				name = to.Text
			}
			for _, to := range placesOf(s, workingDir(s, cmd), name) {
				if found := moved.found(to, v.Name == "PATH"); found != "" {
					return doubt("%s leads to %s", v.Name, found)
				}
			}
		}
	}
	return safe
}

// found is what of the late files a place leads to that a variable names: any of them, or, in the search for programs,
// those that may be one. That search sees the files directly in the folder, and of those the executable ones.
// Windows has no such files, and sends all to the build as if they were.
func (m copied) found(to place, programs bool) string {
	for _, p := range m.late.places {
		below := p.path != to.path && inside(p.path, to.path)
		switch {
		case p.meets(to) != meet, programs && (p.data || below && (p.folder || path.Dir(p.path) != to.path)):
		case programs && below && p.plain:
			return path.Base(p.path) + " of the copied files, which may be run in place of a program"
		default:
			return "the copied files"
		}
	}
	return ""
}

// variableOf is the variable with which a word begins: $x/bin, ${x}/bin.
func variableOf(word string) string {
	name := strings.TrimPrefix(strings.TrimPrefix(word, "$"), "{")
	for i := range len(name) {
		if !text.IsWord(name[i]) {
			return name[:i]
		}
	}
	return name
}

// crossImports: python -m pip looks for pip, and for all that it imports, in its directory first.
func crossImports(moved copied, s *stages.Step, cmd *shell.Command) Verdict {
	dir := workingDir(s, cmd)
	if v := crossPythonPath(moved, s, cmd, dir); v.Answer != Safe {
		return v
	}
	if name := moved.module(cmd.Imports, dir); name != "" {
		return never("`python -m` takes %s of the copied files for a module of its own", name)
	}
	if cmd.Imports("sys") && slices.ContainsFunc(moved.late.places, func(p place) bool { return dir == anywhere || inside(dir, p.path) }) {
		return doubt("`python -m` may take copied files for modules of its own")
	}
	return safe
}

// crossPythonPath: Python looks for the modules that it imports in the folders of PYTHONPATH first. Only one of the same
// name counts, but which names a package imports while it is built is not known.
func crossPythonPath(moved copied, s *stages.Step, cmd *shell.Command, dir string) Verdict {
	value, known := "", true
	for _, v := range copies.EnvAt(s, cmd) {
		if v.Name == pythonPath {
			value, known = v.Value, v.Known
		}
	}
	for _, a := range cmd.Assigns {
		if a.Name == pythonPath {
			value, known = a.Value.Text, a.Value.Literal
		}
	}
	switch {
	case !cmd.Effects().Vars.Has(pythonPath):
		return safe
	case !known:
		return doubt("%s may lead to the copied files", pythonPath)
	case value == "":
		return safe
	}
	for _, name := range strings.Split(value, ":") {
		for _, to := range placesOf(s, dir, name) {
			if moved.late.meets(area{places: []place{to}}) == apart {
				continue
			}
			if module := moved.module(shell.IsStandardModule, to.path); module != "" {
				return never("%s takes %s of the copied files for a module of its own", phraseOf(cmd), module)
			}
			return doubt("%s leads to the copied files", pythonPath)
		}
	}
	return safe
}

const pythonPath = "PYTHONPATH"

// asWritten is the text of the value that the last ENV above the step gives to a variable.
func asWritten(s *stages.Step, name string) (value string) {
	s.Vars.All(func(v *stages.Scope) bool {
		if v.Name != name || v.Step == nil {
			return true
		}
		if env, ok := v.Step.Instr.Cmd().(*instructions.EnvCommand); ok {
			for _, kv := range env.Env {
				if kv.Key == name {
					value = kv.Value
				}
			}
		}
		return false
	})
	return value
}

// forAllPrograms are the variables that decide which programs and libraries are found, which certificates are trusted, or what
// shells, languages and programs that others call (git, ssh, curl, gpg, apt-get) read when they start. It is sorted.
var forAllPrograms = []string{
	"APT_CONFIG", "BASH_ENV", "CARGO_HTTP_CAINFO", "CLASSPATH", "CURL_CA_BUNDLE", "CURL_HOME", "GEMRC", "GEM_PATH", "GIT_ASKPASS",
	"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GNUPGHOME", "LD_LIBRARY_PATH",
	"LD_PRELOAD", "LUA_CPATH", "LUA_PATH", "NODE_EXTRA_CA_CERTS", "NODE_PATH", "NPM_CONFIG_CAFILE", "OPENSSL_CONF", "PATH", "PERL5LIB", "PERLLIB",
	"PHPRC", "PHP_INI_SCAN_DIR", "PIP_CERT", "PIP_CLIENT_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_DIR", "SSL_CERT_FILE", "WGETRC", "XDG_CONFIG_DIRS",
	"XDG_CONFIG_HOME", "npm_config_cafile",
}

// crossCd: the directory that a command goes to may be one that only the COPY makes.
func crossCd(c copies.Copy, moved copied, s *stages.Step, cmd *shell.Command) Verdict {
	to := workingDir(s, cmd)
	if words := cmd.Operands(); len(words) > 0 {
		to = goTo(s, to, words[0].Text)
	}
	switch {
	case to == anywhere:
		return doubt("%s may go to a folder that the COPY creates", phraseOf(cmd))
	case !related(to, c.Dest), moved.there(to), made(s, cmd, to):
		return safe
	}
	return never("%s needs a folder that the COPY creates", phraseOf(cmd))
}

// made reports whether a command before it in the same script makes the directory.
func made(s *stages.Step, before *shell.Command, dir string) bool {
	for _, c := range shell.Of(s.Instr, s.Shell).Commands {
		if c == before {
			break
		}
		for _, w := range c.Effects().Writes.Words {
			if c.Effects().Reads.Empty() && c.Depth == 0 && slices.Contains(placesOf(s, workingDir(s, c), w.Text), place{path: dir}) {
				return true
			}
		}
	}
	return false
}

// related reports whether one of the directories is the other, or lies in it.
func related(a, b string) bool { return inside(a, b) || inside(b, a) }

func inside(name, dir string) bool {
	return dir == "/" || strings.HasPrefix(name, dir) && (len(name) == len(dir) || name[len(dir)] == '/')
}

func crossCommand(moved copied, s *stages.Step, cmd *shell.Command) Verdict {
	t := touchBut(s, cmd, pythonPath) // of which crossImports judges
	name := phraseOf(cmd)
	switch {
	case t.unknown && cmd.Effects().Shell&shell.ChangesOther != 0 && sourcesElsewhere(moved, s, cmd):
		return doubt("%s may do more than set variables", name)
	case t.unknown, t.reads.all, t.writes.all:
		return never("%s may read the copied files", name)
	}
	switch moved.all.meets(t.writes) {
	case meet:
		return never("%s may change the copied files or their folder", name)
	case maybe:
		return doubt("%s may change the copied files", name)
	}
	switch moved.late.meets(t.reads) {
	case meet:
		return never("%s reads the copied files", name)
	case maybe:
		return doubt("%s may read the copied files", name)
	}
	if pin := moved.pin(workingDir(s, cmd)); pin != "" && followsPins(cmd) {
		return doubt("%s may follow %s", name, pin)
	}
	return safe
}

// followsPins reports whether the program may be a stand-in that chooses a version by a file of the project.
func followsPins(c *shell.Command) bool {
	return c.Cost() >= shell.Packages && !isSystem(c) || c.IsInterpreter() && !c.IsShell() || c.RunsScripts()
}

// mayHaveStandIns reports whether the image may have programs that only choose a version of the real ones: those of
// a version manager that a RUN installs, or of a base image of which nothing is known.
func mayHaveStandIns(s *stages.Step) bool {
	known := false
	s.Vars.All(func(v *stages.Scope) bool {
		known = v.Step == nil && v.Env && v.Name != "PATH"
		return !known
	})
	if !known {
		return true
	}
	for _, stage := range s.Stage.Chain() {
		for _, above := range stage.Steps {
			if (above.Instr.Name == "RUN" || above.Instr.Name == "ENV") && versionManager.MatchString(above.Instr.Text) {
				return true
			}
		}
	}
	return false
}

var versionManager = regexp.MustCompile(`\b(asdf|mise|fnm|goenv|gvm|jenv|nodenv|nvm|phpenv|pyenv|rbenv|rvm|rustup|sdkman|volta)\b`)

// sourcesElsewhere reports whether the command reads a script that is none of the copied files.
func sourcesElsewhere(moved copied, s *stages.Step, cmd *shell.Command) bool {
	files := cmd.Operands()
	if len(files) == 0 {
		return false
	}
	script := area{places: placesOf(s, workingDir(s, cmd), files[0].Text)}
	return moved.late.meets(script) == apart
}

// crossInstall judges the install itself. What it reads is copied first; what it writes must not be what
// the COPY brings.
func crossInstall(c copies.Copy, moved copied, s *stages.Step, cmd *shell.Command, i Install) Verdict {
	if i.Inputs.Never {
		return never("%s", i.Inputs.Why)
	}
	t := touchOfInstall(s, cmd, i, c)
	verdict := safe
	if pin := moved.pin(workingDir(s, cmd)); pin != "" && followsPins(cmd) && mayHaveStandIns(s) {
		verdict = doubt("%s may follow %s", words.Code(cmd.Phrase()), pin)
	}
	for _, w := range cmd.OwnFiles() {
		switch moved.late.meets(area{places: placesOf(s, workingDir(s, cmd), w.Text)}) {
		case meet:
			verdict = verdict.Worse(never("%s runs %s, one of the copied files", words.Code(cmd.Phrase()), w.Text))
		case maybe:
			verdict = verdict.Worse(doubt("%s may run one of the copied files", words.Code(cmd.Phrase())))
		}
	}
	// Its inputs hold what variables name of its project; elsewhere another COPY may bring that, as to PIP_FIND_LINKS=/wheels.
	inst, _ := cmd.Install()
	project := copies.WorkingDir(s, cmd, inst)
	for _, p := range namedByVariables(s, cmd, Expanded(s, cmd).Effects(), workingDir(s, cmd), pythonPath) {
		if !inside(p.path, project) && moved.late.meets(area{places: []place{p}}) == meet {
			verdict = verdict.Worse(never("%s reads the copied files, which a variable names", words.Code(cmd.Phrase())))
		}
	}
	if t.writes.meets(moved.all) == apart {
		return verdict
	}
	for _, p := range t.writes.places {
		switch moved.all.meets(area{places: []place{p}}) {
		case meet:
			verdict = verdict.Worse(never("%s writes %s, which the moved COPY would overwrite", words.Code(cmd.Phrase()), path.Base(p.path)))
		case maybe:
			verdict = verdict.Worse(doubt("%s may write %s, which the moved COPY would overwrite", words.Code(cmd.Phrase()), path.Base(p.path)))
		}
	}
	if moved.all.meets(area{homes: t.writes.homes}) != apart {
		verdict = verdict.Worse(doubt("the copied files may hold settings or caches in a home directory"))
	}
	if moved.all.meets(area{system: true, global: true}) != apart {
		verdict = verdict.Worse(doubt("the copied files may overwrite installed packages"))
	}
	return verdict
}

// phraseOf is what messages call a command among others of its step: one without a sub-command with its first operand, as
// written.
func phraseOf(cmd *shell.Command) string {
	name := cmd.Phrase()
	if operands := cmd.Operands(); !strings.Contains(name, " ") && len(operands) > 0 && len(operands[0].Text) < 30 {
		name += " " + operands[0].Text
	}
	return words.Code(words.OneLine(name))
}
