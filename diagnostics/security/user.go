package security

import (
	"path"
	"path/filepath"
	"slices"
	"strings"

	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/dockerfile/names"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/internal/lazy"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// This file holds the three rules about the user that the container runs as. They look at the
// exported stage with the stages that it builds on, and stay silent where the user is not known:
// an unknown base, an image made for others to build on, a program that drops root by itself.

var finalUserRoot = &diagnostics.Rule{
	Name:       "final-user-root",
	Production: true,
	Severity:   diagnostics.Warning,
	Hadolint:   []string{"DL3002"},
	Elsewhere:  diagnostics.Elsewhere{Trivy: []string{"DS-0002"}, Checkov: []string{"CKV_DOCKER_8"}, KICS: []string{"67fd0c4a-68cf-46d7-8c41-bc9fba7e40ae"}, Semgrep: []string{"last-user-is-root"}, Sonar: []string{"S6471"}},
	Stage: func(p *diagnostics.Pass) {
		f := factsOf(p)
		if f == nil || f.windows || f.last == nil || !isRoot(p.Stage.User()) || f.base == dropsItself {
			return
		}
		severity := diagnostics.Warning
		if f.enters {
			severity = diagnostics.Info // an image to build on, mostly
		}
		p.Report(diagnostics.Finding{
			Step: f.last, Span: diagnostics.Line(f.last.Instr), Severity: severity,
			Message: diagnostics.Plain("The container runs as root: a flaw in the program gives an attacker the whole container"),
			Fixes:   func(p *diagnostics.Pass) []diagnostics.Fix { return useImageUser(p) },
		})
	},
}

var finalUserMissing = &diagnostics.Rule{
	Name:       "final-user-missing",
	Production: true,
	Severity:   diagnostics.Info,
	Elsewhere:  diagnostics.Elsewhere{Trivy: []string{"DS-0002"}, Checkov: []string{"CKV_DOCKER_3"}, KICS: []string{"fd54f200-402c-4333-a5a4-36ef6709af2f"}, Semgrep: []string{"missing-user", "missing-user-entrypoint"}, Sonar: []string{"S6471"}},
	Stage: func(p *diagnostics.Pass) {
		f := factsOf(p)
		if f == nil || f.windows || f.enters || f.last != nil || f.created != "" || f.base != root {
			return
		}
		if dataVolume(p) != nil {
			return // stateful-root-runtime
		}
		from := p.Stage.Steps[0]
		severity := diagnostics.Info
		if p.Stage.Root().Scratch() || f.anyUser || onlyPacks(p) {
			severity = diagnostics.Hint // on scratch, no shell, no tools and no files of a system are there to be misused
		}
		p.Report(diagnostics.Finding{
			Step: from, Span: diagnostics.Line(from.Instr), Severity: severity,
			Message: diagnostics.Plain("No USER is set, so the container runs as root: a flaw in the program gives an attacker the whole container"),
			Fixes:   func(p *diagnostics.Pass) []diagnostics.Fix { return useImageUser(p) },
		})
	},
}

type packsKey struct{}

// onlyPacks reports whether the image only packs a published program for use at a terminal: a RUN installs it, nothing is copied,
// and it serves nobody, as far as it says: no port, volume or health check.
func onlyPacks(p *diagnostics.Pass) bool {
	if image, _ := images.Of(p.Stage); image.Kind == images.Server || image.Kind == images.App || len(image.Expose)+len(image.Volume) > 0 {
		return false
	}
	installs := false
	for _, s := range p.SeeChain(packsKey{}, seePacks) {
		if seePacks(s.Step) == nil {
			continue
		}
		if s.Instr.Name != "RUN" {
			return false
		}
		installs = true
	}
	return installs
}

func seePacks(s *stages.Step) any {
	switch s.Instr.Name {
	case "RUN", "COPY", "ADD", "EXPOSE", "VOLUME", "HEALTHCHECK", "STOPSIGNAL":
		return true
	}
	return nil
}

var userCreatedNotUsed = &diagnostics.Rule{
	Name:       "user-created-not-used",
	Production: true,
	Severity:   diagnostics.Warning,
	Elsewhere:  diagnostics.Elsewhere{Tally: []string{"user-created-but-never-used"}},
	Stage: func(p *diagnostics.Pass) {
		f := factsOf(p)
		if f == nil || f.enters || f.created == "" || f.used || f.last != nil && !isRoot(p.Stage.User()) || f.last == nil && f.base != root {
			return
		}
		p.Report(diagnostics.Finding{
			Step: f.creator, Span: f.creatorSpan,
			Message: diagnostics.Plain("The user " + f.created + " is created, but no USER switches to it: the container runs as " + f.superuser()),
			Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
				return runAs(p, f.created)
			},
		})
	},
}

// facts are what the exported stage's chain says of its user.
type facts struct {
	base        baseUser
	last        *stages.Step // the last USER
	created     string       // a user that the file creates
	creator     *stages.Step
	creatorSpan text.Span
	used        bool // something else names the user: a daemon may switch to it by itself
	anyUser     bool // files are made for whatever user the container is started as
	enters      bool // the file starts nothing: people are to enter the container, or its parts are used
	windows     bool
}

func (f *facts) superuser() string {
	if f.windows {
		return "an administrator"
	}
	return "root"
}

type factsKey struct{}

// factsOf are the facts about the pass's stage; nil if nothing can be said of its user.
func factsOf(p *diagnostics.Pass) *facts {
	return p.Fact(factsKey{}, func(p *diagnostics.Pass) any { return readFacts(p) }).(*facts)
}

// isDevelopment reports whether the place of the Dockerfile says that its image is made to work or test in:
// its name, unless the build publishes what users get, and the folders of the build context that it lies in. How the context's folder is called is the user's own, as of
// a clone; what it says inside of a workspace, is known of the build (diagnostics.Build.Dev).
func isDevelopment(p *diagnostics.Pass) bool {
	file := filepath.ToSlash(p.Path())
	if file == "" || p.Published() {
		return false
	}
	if p.Context() != nil {
		if inside, ok := strings.CutPrefix(file, strings.TrimSuffix(filepath.ToSlash(p.Context().Root), "/")+"/"); ok {
			return names.StageForDevelopers(inside)
		}
	}
	folder, name := path.Split(file)
	return names.StageForDevelopers(path.Base(folder)) || names.StageForDevelopers(name)
}

// readFacts reads the chain.
func readFacts(p *diagnostics.Pass) *facts {
	if !p.Final() || p.ForDevelopers(p.Stage) || isDevelopment(p) {
		return nil
	}
	image, known := images.Of(p.Stage)
	if image.Development {
		return nil
	}
	seen := p.SeeChain(userKey{}, seeUser)
	if p.Stage.Windows {
		seen = p.SeeChain(windowsUserKey{}, seeWindowsUser)
	}
	start := startOf(seen)
	if start.archive(p.Stage) {
		return nil
	}
	f := &facts{base: baseUserOf(image, known, start), windows: p.Stage.Windows}
	logsIn, serves := false, false
	for _, s := range seen {
		switch what := s.What.(type) {
		case *userRun:
			if what.drops {
				return nil
			}
			serves = serves || what.serves
			if what.created != "" {
				f.created, f.creator, f.creatorSpan = what.created, s.Step, what.span
			}
			logsIn, f.anyUser = logsIn || what.logsIn, f.anyUser || what.anyUser
			if what.needsRoot && f.last == nil && f.base == unknownUser && !f.windows {
				f.base = root
			}
		case sets:
			switch what {
			case "USER":
				f.last = s.Step
			case "ONBUILD":
				return nil // an image for others to build on: they decide
			}
		}
	}
	if logsIn {
		f.created = "" // a user to log in as, which the container is not to run as
	}
	if f.windows {
		return f.onWindows(p, image, start)
	}
	if f.base == unknownUser && !start.entrypoint {
		return nil // the base image's entrypoint may give up root
	}
	argv := start.argv
	beside := serves && startsBesideServer(p, argv)
	if f.last != nil && !p.Stage.User().Known || serves && !beside || !beside && dropsRoot(p, argv) || runsUnknownScript(p, argv) {
		return nil
	}
	if beside {
		f.created = "" // it may be the user that the server works as
	}
	f.enters = start.enters(image, known)
	if f.enters && f.base != otherUser && (f.last == nil || len(argv) > 0) {
		return nil
	}
	f.used = f.created != "" && slices.ContainsFunc(append(textsOf(p), argv...), func(text string) bool {
		return namesUser(text, f.created) || strings.Contains(text, "$")
	})
	return f
}

// namesUser reports whether one of the text's words is the user.
func namesUser(text, user string) bool {
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" :='\"", r) })
	return slices.ContainsFunc(words, func(word string) bool { return strings.EqualFold(word, user) })
}

type userKey struct{}

// sets is an instruction that sets the user or what is started.
type sets string

// userRun is what a RUN has to do with users.
type userRun struct {
	created   string // the user that it makes
	span      text.Span
	logsIn    bool // it gives a user a password: people log in as them
	drops     bool // it installs or runs a program that gives up root for others
	serves    bool // it installs or sets up a server that does: others may be started beside it
	needsRoot bool // only root can run it
	anyUser   bool // it gives others the rights of the owner
}

// seeUser finds the steps that tell what user the container runs as.
func seeUser(s *stages.Step) any { return seeUserOr(s, readRun) }

func seeUserOr(s *stages.Step, read func(*stages.Step) userRun) any {
	switch s.Instr.Name {
	case "USER", "ONBUILD", "ENTRYPOINT", "CMD":
		if s.Instr.Cmd() != nil {
			return sets(s.Instr.Name)
		}
	case "RUN":
		if r := read(s); r != (userRun{}) {
			return &r
		}
	}
	return nil
}

func readRun(s *stages.Step) (r userRun) {
	for _, c := range shell.Of(s.Instr, s.Shell).Commands {
		for _, user := range c.MakesUsers() {
			if user.Literal && userName.MatchString(user.Text) && user.Text != "root" && !shell.IsServerUser(user.Text) {
				r.created, r.span = user.Text, c.Span
			}
		}
		_, how := c.SetsPassword()
		r.logsIn = r.logsIn || how == shell.PasswordInput || how == shell.PasswordValue
		if mode, _, ok := c.SetsMode(); ok {
			r.anyUser = r.anyUser || asOwner.MatchString(mode.Text)
		}
		r.needsRoot = r.needsRoot || len(c.Wrappers) == 0 && c.NeedsRoot()
		r.drops = r.drops || slices.ContainsFunc(c.Wrappers, shell.GivesUpRoot)
		for _, w := range c.Words {
			name, _, _ := strings.Cut(w.Text, "=") // of a package with its version
			switch {
			case shell.IsServer(name):
				r.serves = true
			case shell.GivesUpRoot(name):
				r.drops = true
			}
		}
	}
	return r
}

type textsKey struct{}

// textsOf are the texts of the chain that may name a user that something switches to by itself.
func textsOf(p *diagnostics.Pass) (texts []string) {
	for _, s := range p.SeeChain(textsKey{}, seeTexts) {
		found, _ := s.What.([]string)
		texts = append(texts, found...)
	}
	return texts
}

func seeTexts(s *stages.Step) any {
	var texts []string
	switch c := s.Instr.Cmd().(type) {
	case *instructions.EnvCommand:
		for _, kv := range c.Env {
			if v := s.Expand(kv.Value); v.Known {
				texts = append(texts, v.Text)
			} else if wholeVariable.MatchString(kv.Value) {
				texts = append(texts, kv.Value)
			}
		}
	case *instructions.RunCommand:
		for _, c := range shell.Of(s.Instr, s.Shell).Commands {
			for _, w := range c.Words {
				if w.Literal && !c.KeepsUser() {
					texts = append(texts, w.Text)
				}
			}
		}
	}
	if texts == nil {
		return nil
	}
	return texts
}

// wholeVariable matches a value that is another variable, which may name a user. A path made of variables
// does not.
var wholeVariable = lazy.New(`^["']?\$(\w+|\{\w+\})["']?$`)

// asOwner matches modes that give others the rights of the owner: so that the container can be started as any user.
var asOwner = lazy.New(`(^|,)[ugo]*[go]=u$`)

var userName = lazy.New(`^[a-z_][a-z0-9_.-]*\$?$`)

func isRoot(user stages.Value) bool {
	return user.Known && (images.IsRoot(user.Text) || strings.EqualFold(user.Text, administrator))
}

// baseUser is what is known of the user that a base image runs as.
type baseUser int

const (
	unknownUser baseUser = iota
	root
	otherUser   // the image sets another one
	dropsItself // what it starts gives up root, or needs it
)

// baseUserOf is the user of the base image, for what the file starts.
func baseUserOf(image images.Facts, known bool, start start) baseUser {
	switch {
	case !known || image.User == "":
		return unknownUser
	case !images.IsRoot(image.User):
		return otherUser
	case !image.Tagged:
		return unknownUser // whether it gives up root depends on the tag
	case image.NeedsRoot, image.DropsRoot != "" && !start.replaces(image):
		return dropsItself
	}
	return root
}

// insertUser puts a USER after the last step that may need root: before a CMD or ENTRYPOINT that
// follows it, or at the end. It is only a suggestion: the program may need files or ports that the
// user must not touch.
func insertUser(p *diagnostics.Pass, name string) []diagnostics.Fix {
	steps := p.Stage.Steps
	at := len(steps) - 1
	for at > 0 && !needsRoot[steps[at].Instr.Name] {
		at--
	}
	next := slices.IndexFunc(steps[at:], func(s *stages.Step) bool {
		return s.Instr.Name == "CMD" || s.Instr.Name == "ENTRYPOINT"
	})
	last := steps[len(steps)-1]
	to := rewrite.Below(last)
	if next >= 0 {
		last = steps[at+next]
		to = rewrite.Above(last)
	}
	change := p.Change()
	change.Insert(to, rewrite.Keyword(last, "USER")+" "+name)
	edit, err := change.Edit()
	if err != nil {
		return nil
	}
	return []diagnostics.Fix{{Title: "Run as " + name + ": add " + words.Code("USER "+name), Edits: []diagnostics.FileEdit{edit}}}
}

// needsRoot are the instructions that a USER must not come before.
var needsRoot = map[string]bool{"ADD": true, "COPY": true, "RUN": true, "USER": true, "WORKDIR": true}
