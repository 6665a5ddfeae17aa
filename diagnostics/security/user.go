package security

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// This file holds the three rules about the user that the container runs as. They look at the
// exported stage with the stages that it builds on, and stay silent where the user is not known:
// an unknown base, an image made for others to build on, a program that drops root by itself.

var finalUserRoot = &diagnostics.Rule{
	Name:     "final-user-root",
	Severity: diagnostics.Warning,
	Hadolint: []string{"DL3002"},
	Stage: func(p *diagnostics.Pass) {
		f := factsOf(p)
		if f == nil || f.last == nil || !isRoot(p.Stage.User()) || f.base == dropsItself {
			return
		}
		p.Report(diagnostics.Finding{
			Step: f.last, Span: diagnostics.Line(f.last.Instr),
			Message: diagnostics.Plain("The container runs as root: a flaw in the program gives an attacker all of the container"),
			Fixes:   func(p *diagnostics.Pass) []diagnostics.Fix { return useImageUser(p, f) },
		})
	},
}

var finalUserMissing = &diagnostics.Rule{
	Name:     "final-user-missing",
	Severity: diagnostics.Info,
	Stage: func(p *diagnostics.Pass) {
		f := factsOf(p)
		if f == nil || f.last != nil || f.created != "" || f.base != root {
			return
		}
		from := p.Stage.Steps[0]
		p.Report(diagnostics.Finding{
			Step: from, Span: diagnostics.Line(from.Instr),
			Message: diagnostics.Plain("No USER is set, so the container runs as root: a flaw in the program gives an attacker all of the container"),
			Fixes:   func(p *diagnostics.Pass) []diagnostics.Fix { return useImageUser(p, f) },
		})
	},
}

var userCreatedNotUsed = &diagnostics.Rule{
	Name:     "user-created-not-used",
	Severity: diagnostics.Warning,
	Stage: func(p *diagnostics.Pass) {
		f := factsOf(p)
		if f == nil || f.created == "" || f.used || f.last != nil && !isRoot(p.Stage.User()) || f.last == nil && f.base != root {
			return
		}
		p.Report(diagnostics.Finding{
			Step: f.creator, Span: f.creatorSpan,
			Message: diagnostics.Plain("The user " + f.created + " is created, but the container still runs as root: no USER switches to it"),
			Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
				return insertUser(p, f.created)
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
}

type factsKey struct{}

// factsOf are the facts about the pass's stage; nil if nothing can be said of its user.
func factsOf(p *diagnostics.Pass) *facts {
	return p.Fact(factsKey{}, func(p *diagnostics.Pass) any { return readFacts(p) }).(*facts)
}

// readFacts reads the chain.
func readFacts(p *diagnostics.Pass) *facts {
	if !p.Final() || p.Stage.Windows || !p.Stage.Root().Base.Known || stages.IsDevelopment(p.Stage.Name) {
		return nil
	}
	f := &facts{base: baseUserOf(p.Stage.Root().Base)}
	for _, seen := range p.SeeChain(userKey{}, concernsUsers) {
		switch s := seen.Step; s.Instr.Name {
		case "USER":
			if _, ok := s.Instr.Cmd().(*instructions.UserCommand); ok {
				f.last = s
			}
		case "ONBUILD":
			return nil // an image for others to build on: they decide
		case "RUN":
			if !f.readRun(s) {
				return nil
			}
		}
	}
	argv, own := entry(p.Stage)
	if f.base == unknownUser && !own {
		return nil // the base image's entrypoint may give up root
	}
	if f.last != nil && !p.Stage.User().Known || dropsRoot(argv) || isTool(argv) && f.base != otherUser || runsUnknownScript(p, argv) {
		return nil
	}
	f.used = f.created != "" && slices.ContainsFunc(append(namesIn(p.Stage.Chain()), argv...), func(name string) bool {
		return slices.Contains(strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune(" :='\"", r) }), f.created) ||
			strings.Contains(name, "$")
	})
	return f
}

type userKey struct{}

// concernsUsers reports whether the step may make, choose or give up a user.
func concernsUsers(s *stages.Step) any {
	switch s.Instr.Name {
	case "USER":
		return true
	case "ONBUILD":
		if _, ok := s.Instr.Cmd().(*instructions.OnbuildCommand); ok {
			return true
		}
	case "RUN":
		for _, c := range shell.Of(s.Instr, s.Shell).Commands {
			os, ok := c.OSPackages()
			if ok && os.Install || c.Program == "useradd" || c.Program == "adduser" || c.Program == "groupadd" || dropsIn(c) {
				return true
			}
		}
	}
	return nil
}

// dropsIn reports whether the command names a program that drops root.
func dropsIn(c *shell.Command) bool {
	return slices.ContainsFunc(c.Wrappers, func(name string) bool { return droppers[name] }) ||
		slices.ContainsFunc(c.Words, func(w shell.Word) bool { return droppers[path.Base(w.Text)] })
}

// readRun notes a created user. It returns false if a program that drops root is installed or used.
func (f *facts) readRun(s *stages.Step) bool {
	for _, c := range shell.Of(s.Instr, s.Shell).Commands {
		if operands := c.Operands(); len(operands) > 0 && (c.Program == "useradd" || c.Program == "adduser") {
			last := operands[len(operands)-1]
			if c.Program == "adduser" && len(operands) == 2 {
				last = operands[0] // adduser USER GROUP adds to a group
			}
			if last.Literal && userName.MatchString(last.Text) && last.Text != "root" && !daemons[last.Text] {
				f.created, f.creator, f.creatorSpan = last.Text, s, c.Span
			}
		}
		os, ok := c.OSPackages()
		if ok && os.Install {
			for _, pkg := range os.Packages {
				if name, _, _ := strings.Cut(pkg.Text, "="); droppers[name] {
					return false
				}
			}
		}
		if f.last == nil && f.base == unknownUser && len(c.Wrappers) == 0 && (ok && os.Install || c.Program == "useradd" || c.Program == "groupadd") {
			f.base = root // only root can do this
		}
		if dropsIn(c) {
			return false
		}
	}
	return true
}

// namesIn are the words of the stages that may name a user.
func namesIn(chain []*stages.Stage) (names []string) {
	for _, stage := range chain {
		for _, s := range stage.Steps {
			switch c := s.Instr.Cmd().(type) {
			case *instructions.CopyCommand:
				names = append(names, c.Chown)
			case *instructions.AddCommand:
				names = append(names, c.Chown)
			case *instructions.EnvCommand:
				for _, kv := range c.Env {
					names = append(names, kv.Value)
				}
			case *instructions.RunCommand:
				for _, cmd := range shell.Of(s.Instr, s.Shell).Commands {
					names = append(names, namesOf(cmd)...)
				}
			}
		}
	}
	return names
}

func namesOf(c *shell.Command) (names []string) {
	switch c.Program {
	case "useradd", "adduser", "usermod", "groupadd", "addgroup", "passwd", "id", "echo", "mkdir", "cd":
	case "chown":
		if operands := c.Operands(); len(operands) > 0 {
			names = append(names, operands[0].Text)
		}
	default:
		for _, w := range c.Words {
			if w.Literal {
				names = append(names, w.Text)
			}
		}
	}
	return names
}

var userName = regexp.MustCompile(`^[a-z_][a-z0-9_.-]*\$?$`)

// daemons are users that a program of the same name switches to by itself.
var daemons = map[string]bool{
	"nginx": true, "www-data": true, "apache": true, "httpd": true, "mysql": true, "postgres": true, "redis": true,
	"haproxy": true, "squid": true, "named": true, "bind": true, "postfix": true, "dovecot": true, "ftp": true,
	"memcached": true, "mongodb": true, "rabbitmq": true, "sshd": true, "ntp": true, "unbound": true, "varnish": true,
}

// droppers are programs with which an entrypoint gives up root.
var droppers = map[string]bool{
	"gosu": true, "su-exec": true, "setpriv": true, "runuser": true, "chpst": true, "s6-setuidgid": true,
	"s6-overlay": true, "supervisor": true, "supervisord": true, "fixuid": true, "sshd": true, "openssh-server": true, "systemd": true,
	// These start as root, and give it up for what they serve.
	"nginx": true, "apache2": true, "apache2ctl": true, "apachectl": true, "apache2-foreground": true, "httpd": true, "httpd-foreground": true,
	"php-fpm": true, "cron": true, "crond": true, "vsftpd": true, "pure-ftpd": true, "proftpd": true, "named": true, "squid": true, "haproxy": true,
	"dovecot": true, "postfix": true, "mysqld": true, "postgres": true, "dnsmasq": true, "unbound": true, "mosquitto": true,
	"openvpn": true, "ntpd": true, "chronyd": true, "freeradius": true, "varnishd": true,
}

func isRoot(user stages.Value) bool {
	name, _, _ := strings.Cut(user.Text, ":")
	return user.Known && (name == "root" || name == "0" || name == "")
}

// baseUser is what is known of the user that a base image runs as.
type baseUser int

const (
	unknownUser baseUser = iota
	root
	otherUser   // the image sets another one
	dropsItself // its entrypoint starts as root, and gives it up
)

// baseUserOf knows some images: those of which it was read what user they set. Of all others, official
// ones included, nothing is known.
func baseUserOf(base stages.Value) baseUser {
	repo, tag := base.Text, ""
	repo, _, _ = strings.Cut(repo, "@")
	if colon := strings.LastIndexByte(repo, ':'); colon > strings.LastIndexByte(repo, '/') {
		repo, tag = repo[:colon], repo[colon+1:]
	}
	for _, mirror := range []string{"docker.io/", "index.docker.io/", "public.ecr.aws/docker/", "library/"} {
		repo = strings.TrimPrefix(repo, mirror)
	}
	if arch, rest, ok := strings.Cut(repo, "/"); ok && architectures[arch] {
		repo = rest
	}
	if strings.HasPrefix(repo, "gcr.io/distroless/") || strings.HasPrefix(repo, "mcr.microsoft.com/dotnet/") {
		if strings.Contains(tag, "nonroot") || strings.HasSuffix(repo, "-nonroot") || strings.Contains(tag, "chiseled") || strings.Contains(tag, "distroless") {
			return otherUser
		}
		return root
	}
	return knownUsers[repo]
}

// architectures are the namespaces of the official images built for one architecture.
var architectures = map[string]bool{
	"amd64": true, "arm32v5": true, "arm32v6": true, "arm32v7": true, "arm64v8": true, "i386": true, "ppc64le": true, "riscv64": true, "s390x": true,
}

// knownUsers are by what their images are known to do: to set a USER, to set none, or to start as root and
// drop it in an entrypoint with gosu, su-exec or setpriv. Distributions are a file system and nothing else.
var knownUsers = map[string]baseUser{
	"scratch":   root,
	"almalinux": root, "alpine": root, "amazonlinux": root, "archlinux": root, "buildpack-deps": root, "busybox": root, "centos": root, "debian": root,
	"fedora": root, "oraclelinux": root, "photon": root, "rockylinux": root, "ubuntu": root,

	"amazoncorretto": root, "composer": root, "dart": root, "eclipse-temurin": root, "elixir": root, "erlang": root, "golang": root, "gradle": root,
	"haskell": root, "julia": root, "maven": root, "mono": root, "node": root, "openjdk": root, "oven/bun": root, "denoland/deno": root, "perl": root,
	"php": root, "pypy": root, "python": root, "r-base": root, "ruby": root, "rust": root, "swift": root, "tomcat": root,

	"groovy": otherUser, "haproxy": otherUser, "jenkins/jenkins": otherUser, "jetty": otherUser, "memcached": otherUser, "solr": otherUser, "varnish": otherUser,

	"cassandra": dropsItself, "ghost": dropsItself, "mariadb": dropsItself, "mongo": dropsItself, "mysql": dropsItself, "postgres": dropsItself,
	"rabbitmq": dropsItself, "redis": dropsItself,
	"httpd": dropsItself, "nginx": dropsItself, // by their configuration
}

// dropsRoot reports whether a program that is started may give up root itself.
func dropsRoot(argv []string) bool {
	return slices.ContainsFunc(argv, func(word string) bool {
		base := path.Base(word)
		return droppers[base] || base == "su" || base == "sudo" || base == "init" || strings.Contains(base, "entrypoint")
	})
}

// runsUnknownScript reports whether the stage starts by a script that drops root, or that cannot be
// read: one that comes with the base image, or that a RUN writes.
func runsUnknownScript(p *diagnostics.Pass, argv []string) bool {
	for _, word := range argv {
		body, copied := copiedFile(p, word)
		switch {
		case copied && strings.HasPrefix(body, "#!") || copied && strings.HasSuffix(word, ".sh"):
			if givesUpRoot.MatchString(body) {
				return true
			}
		case strings.HasSuffix(word, ".sh"):
			return true
		}
	}
	return false
}

var givesUpRoot = regexp.MustCompile(`\b(gosu|su-exec|setpriv|runuser|chpst|s6-setuidgid|fixuid|su|sudo|exec[^\n]*(nginx|httpd|apache2|php-fpm|supervisord|crond?))\b`)

// copiedFile is the text of the file of the build context that a COPY puts at a path of the image.
func copiedFile(p *diagnostics.Pass, name string) (body string, ok bool) {
	if p.Context() == nil {
		return "", false
	}
	for _, stage := range p.Stage.Chain() {
		for _, s := range stage.Steps {
			c, isCopy := copies.Of(s)
			if !isCopy {
				continue
			}
			for _, source := range c.Sources {
				if to, known := c.Landing(source); known && (to == name || path.Base(to) == name) {
					if text, err := p.Context().Read(source); err == nil {
						body, ok = text, true
					}
				}
			}
		}
	}
	return body, ok
}

// entry is what the stage starts: its last ENTRYPOINT and CMD, those of its parents if it has none.
// own reports whether the file sets the ENTRYPOINT.
func entry(s *stages.Stage) (argv []string, own bool) {
	var entrypoint, cmd []string
	for _, stage := range s.Chain() {
		for _, step := range stage.Steps {
			switch c := step.Instr.Cmd().(type) {
			case *instructions.EntrypointCommand:
				entrypoint, cmd, own = fields(c.CmdLine), nil, true
			case *instructions.CmdCommand:
				cmd = fields(c.CmdLine)
			}
		}
	}
	return append(slices.Clone(entrypoint), cmd...), own
}

func fields(line []string) []string { return strings.Fields(strings.Join(line, " ")) }

// isTool reports whether the image is made to be entered: it starts a bare shell or REPL, or starts
// nothing of its own.
func isTool(argv []string) bool {
	if len(argv) == 0 {
		return true
	}
	switch path.Base(argv[0]) {
	case "bash", "sh", "ash", "zsh", "node", "python", "python3", "php", "R", "irb", "jshell":
		return len(argv) == 1 || len(argv) == 2 && strings.HasPrefix(argv[1], "-") && argv[1] != "-c"
	}
	return false
}

// useImageUser offers the unprivileged user that an official image brings along.
func useImageUser(p *diagnostics.Pass, f *facts) []diagnostics.Fix {
	name, tag, _ := strings.Cut(p.Stage.Root().Base.Text, ":")
	name = strings.TrimPrefix(strings.TrimPrefix(name, "docker.io/"), "library/")
	user := map[string]string{"node": "node", "oven/bun": "bun", "denoland/deno": "deno", "composer": "www-data"}[name]
	if dotnetWithUser.MatchString(name + ":" + tag) {
		user = "app"
	}
	if user == "" {
		return nil
	}
	return insertUser(p, user)
}

// dotnetWithUser matches .NET images from version 8 on.
var dotnetWithUser = regexp.MustCompile(`^mcr\.microsoft\.com/dotnet/(aspnet|runtime|runtime-deps|sdk):([89]|[1-9][0-9])\.`)

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
	return []diagnostics.Fix{{Title: "Run as " + name + ": add USER " + name, Edits: []diagnostics.FileEdit{edit}}}
}

// needsRoot are the instructions that a USER must not come before.
var needsRoot = map[string]bool{"ADD": true, "COPY": true, "RUN": true, "USER": true, "WORKDIR": true}
