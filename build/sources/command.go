package sources

import (
	"path"
	"slices"
	"strings"

	"layerwise/internal/lazy"
)

// word is a word of a command.
type word struct {
	text string
	// many: it is not known at all, and may be several words, or none.
	many bool
	// variable is the name of the variable that it is, if nothing sets that.
	variable string
	line     int // of the source, on which it stands; 0 if that is not known
}

// stdin is what a command reads on standard input.
type stdin struct {
	file   string // a file of the workspace, …
	text   string // … or a text that stands in the source, …
	opaque bool   // … or something that only the run knows
	// script is a text that stands in the source, as a shell would read it: it may have unknown in it. Its first line
	// stands on line, which counts as those of the script do.
	script string
	line   int
}

// invocation is a command as it is run.
type invocation struct {
	words []word
	dir   string // the folder that it is run in, relative to the root; may be unknown
	line  int    // of the source
	in    stdin
	// env is what the variables of the command's environment hold; they may be unknown.
	env map[string]string
}

// value is what a variable of the command's environment holds.
func (c *invocation) value(name string) (string, bool) {
	v, ok := c.env[name]
	return v, ok
}

// finding is what a command means for builds: one of a build, a call or a note.
type finding struct {
	line  int
	build *Build
	call  *Call
	note  string
	tags  []string // names that the build's result gets, of which parts may be unknown
	bare  bool     // the command names no path: `docker build .`
}

// traces are what commands do with images that are built before or after.
type traces struct {
	pushed []string    // images
	tagged [][2]string // images, and the names that they are given
	// composePushed: `docker compose push`.
	composePushed bool
}

// command reads a command whose words are known by themselves, not split by a shell: those of an argv.
func (r *reading) command(s script, words []string, line int) {
	var argv []word
	for _, text := range words {
		argv = append(argv, word{text: text})
	}
	var all [][]finding
	var t traces
	for _, dir := range s.dirs {
		f := r.invoke(&s, &invocation{argv, dir, line, stdin{opaque: true}, s.vars}, &t)
		if f == nil {
			all = append(all, nil)
		} else {
			all = append(all, []finding{*f})
		}
	}
	r.conclude(&s, all, &t)
}

// invoke reads a command. It is nil if it builds nothing.
func (r *reading) invoke(s *script, c *invocation, t *traces) *finding {
	words, env := unwrapped(c.words)
	if len(words) == 0 {
		return nil
	}
	c.env = with(c.env, env)
	program, words := programOf(words[0]), words[1:]
	switch program {
	case "docker", "podman", "nerdctl", "buildah", "depot", "img":
		return r.container(s, c, t, program, words)
	case "docker-compose", "podman-compose":
		return r.composeCall(s, c, t, words)
	case "docker-buildx", "buildx":
		return r.container(s, c, t, "docker", append([]word{{text: "buildx"}}, words...))
	case "executor", "kaniko":
		return r.kaniko(s, c, words)
	}
	return nil
}

// programs are those that build, or call what builds.
var programs = set("docker podman nerdctl buildah depot img docker-compose podman-compose docker-buildx buildx executor kaniko")

// programOf is the name of a program, without its folder.
func programOf(w word) string {
	if w.variable != "" {
		if engine.MatchString(w.variable) {
			return "docker"
		}
		return ""
	}
	text, _ := believed(w.text)
	return strings.TrimSuffix(path.Base(text), ".exe")
}

// engine is how variables are named that hold the program which builds.
var engine = lazy.New(`(?i)^_*(docker|podman|buildah|nerdctl|(container|oci|cri|image)_?(engine|tool|runtime|cli|builder|cmd|bin|command|manager|exe)|engine)(_?(cmd|bin|cli|exe|command|engine|tool|prog|program))?_*$`)

// wrapper are the options of a program that runs the rest of its line, of which these take a word.
var wrappers = map[string]string{
	"sudo": "-u -g -h -p -C -D -R -T -U -r -t --user --group --host --prompt --chdir", "doas": "-u -C",
	"time": "-f -o", "exec": "-a", "command": "", "builtin": "", "nohup": "", "nice": "-n", "ionice": "-c -n -p", "stdbuf": "-i -o -e",
	"env": "-u -C -S --unset --chdir", "timeout": "-k -s --kill-after --signal", "travis_retry": "", "travis_wait": "", "retry": "-t -d -n --times --delay --tries", "caffeinate": "-t -w",
	"unbuffer": "", "busybox": "", "@": "", "chronic": "", "setsid": "", "xtrace": "",
	"cross-env": "", "cross-env-shell": "", "npx": "", "bunx": "",
}

// unwrapped is a command without programs that only run it, and the variables that they set for it.
func unwrapped(words []word) (_ []word, env map[string]string) {
	for len(words) > 0 {
		name := path.Base(words[0].text)
		if k, v, ok := strings.Cut(words[0].text, "="); ok && isName(k) {
			if env == nil {
				env = map[string]string{}
			}
			env[k], words = v, words[1:]
			continue
		}
		if words[0].many && !engine.MatchString(words[0].variable) && len(words) > 1 && programs[programOf(words[1])] {
			words = words[1:] // $SUDO
			continue
		}
		valued, is := wrappers[name]
		if !is {
			return words, env
		}
		words = words[1:]
		for len(words) > 0 && (strings.HasPrefix(words[0].text, "-") || words[0].many) {
			skip := 1
			if slices.Contains(strings.Fields(valued), words[0].text) {
				skip = 2
			}
			if name == "command" && (words[0].text == "-v" || words[0].text == "-V") {
				return nil, nil
			}
			words = words[min(skip, len(words)):]
		}
		if number := len(words) > 0 && isNumber.MatchString(words[0].text); number && (name == "timeout" || name == "retry" || name == "travis_wait") {
			words = words[1:]
		}
	}
	return nil, nil
}

var (
	isNumber  = lazy.New(`^[0-9.]+[smhd]?$`)
	namesOnly = lazy.New(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// isName reports whether a text is the name of a variable.
func isName(s string) bool { return namesOnly.MatchString(s) }

// container reads a command of docker and those that are used like it.
func (r *reading) container(s *script, c *invocation, t *traces, program string, words []word) *finding {
	words = afterOptions(words)
	if len(words) == 0 {
		return nil
	}
	name, rest := words[0].text, words[1:]
	switch {
	case name == "build" || program == "buildah" && (name == "bud" || name == "build-using-dockerfile"):
		return r.build(s, c, program, rest)
	case name == "push":
		p := buildOptions.parse(rest)
		for _, w := range p.args {
			t.pushed = append(t.pushed, w.text)
		}
	case name == "tag":
		if p := buildOptions.parse(rest); len(p.args) > 1 {
			for _, w := range p.args[1:] {
				t.tagged = append(t.tagged, [2]string{p.args[0].text, w.text})
			}
		}
	case name == "bake" && (program == "docker" || program == "depot"):
		return r.bakeCall(s, c, rest)
	case name == "compose" && program != "buildah" && program != "img":
		return r.composeCall(s, c, t, rest)
	case name == "image" || name == "builder" || name == "buildx":
		rest = afterOptions(rest)
		if len(rest) == 0 {
			return nil
		}
		switch sub := rest[0].text; {
		case sub == "build" || sub == "b" && name == "buildx":
			return r.build(s, c, program, rest[1:])
		case (sub == "bake" || sub == "f") && name == "buildx":
			return r.bakeCall(s, c, rest[1:])
		case name == "image" && (sub == "push" || sub == "tag"):
			return r.container(s, c, t, program, rest)
		}
	}
	return nil
}

// afterOptions are the words after the options that stand between a program and its command.
func afterOptions(words []word) []word {
	for len(words) > 0 {
		w := words[0]
		switch {
		case w.many:
			words = words[1:]
		case !strings.HasPrefix(w.text, "-"):
			return words
		case globalOptions[w.text]:
			words = words[min(2, len(words)):]
		default:
			words = words[1:]
		}
	}
	return nil
}
