package security

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"layerwise/diagnostics"
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
	Stage: func(p *diagnostics.Pass) {
		f := factsOf(p)
		if f == nil || f.last == nil || !isRoot(p.Stage.User()) {
			return
		}
		p.Report(diagnostics.Finding{
			Step: f.last, Span: diagnostics.Line(f.last.Instr),
			Format: "The container runs as root: a flaw in the program gives an attacker all of the container",
			Fixes:  func(p *diagnostics.Pass) []diagnostics.Fix { return useImageUser(p, f) },
		})
	},
}

var finalUserMissing = &diagnostics.Rule{
	Name:     "final-user-missing",
	Severity: diagnostics.Info,
	Stage: func(p *diagnostics.Pass) {
		f := factsOf(p)
		if f == nil || f.last != nil || f.created != "" {
			return
		}
		from := p.Stage.Steps[0]
		p.Report(diagnostics.Finding{
			Step: from, Span: diagnostics.Line(from.Instr),
			Format: "No USER is set, so the container runs as the base image's user, which is usually root",
			Fixes:  func(p *diagnostics.Pass) []diagnostics.Fix { return useImageUser(p, f) },
		})
	},
}

var userCreatedNotUsed = &diagnostics.Rule{
	Name:     "user-created-not-used",
	Severity: diagnostics.Warning,
	Stage: func(p *diagnostics.Pass) {
		f := factsOf(p)
		if f == nil || f.created == "" || f.owns || f.last != nil && !isRoot(p.Stage.User()) {
			return
		}
		p.Report(diagnostics.Finding{
			Step: f.creator, Span: f.creatorSpan,
			Format: "The user %s is created, but the container still runs as root: no USER switches to it",
			Args:   []any{f.created},
			Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
				return []diagnostics.Fix{insertUser(p, f.created)}
			},
		})
	},
}

// development matches the names of stages that are made to work in.
var development = regexp.MustCompile(`(?i)(^|[-_.])(dev|develop|development|devel|test|tests|ci|devcontainer)([-_.]|$)`)

// facts are what the exported stage's chain says of its user.
type facts struct {
	last        *stages.Step // the last USER
	created     string       // a user that the file creates
	creator     *stages.Step
	creatorSpan text.Span
	owns        bool // files are given to that user: a daemon may switch to it by itself
}

// factsOf reads the chain; nil if nothing can be said of its user.
func factsOf(p *diagnostics.Pass) *facts {
	if !p.Final || p.Stage.Windows || development.MatchString(p.Stage.Name) || setsOwnUser(p.Stage) {
		return nil
	}
	f := &facts{}
	owners := ""
	for _, stage := range p.Stage.Chain() {
		for _, s := range stage.Steps {
			switch c := s.Instr.Cmd().(type) {
			case *instructions.UserCommand:
				f.last = s
			case *instructions.OnbuildCommand:
				return nil // an image for others to build on: they decide
			case *instructions.CopyCommand:
				owners += " " + c.Chown
			case *instructions.AddCommand:
				owners += " " + c.Chown
			case *instructions.RunCommand:
				if !f.readRun(s, &owners) {
					return nil
				}
			}
		}
	}
	if f.last != nil && !p.Stage.User().Known || dropsRoot(p.Stage) || isTool(p.Stage) {
		return nil
	}
	f.owns = f.created != "" && slices.ContainsFunc(strings.FieldsFunc(owners, func(r rune) bool {
		return r == ' ' || r == ':'
	}), func(name string) bool { return name == f.created })
	return f
}

// readRun notes a created user. It returns false if a program that drops root is installed.
func (f *facts) readRun(s *stages.Step, owners *string) bool {
	for _, c := range shell.Of(s.Instr, s.Shell).Commands {
		switch c.Program {
		case "useradd", "adduser":
			if operands := c.Operands(); len(operands) > 0 {
				last := operands[len(operands)-1]
				if c.Program == "adduser" && len(operands) == 2 {
					last = operands[0] // adduser USER GROUP adds to a group
				}
				if last.Literal && userName.MatchString(last.Text) && last.Text != "root" && !daemons[last.Text] {
					f.created, f.creator, f.creatorSpan = last.Text, s, c.Span
				}
			}
		case "chown":
			if operands := c.Operands(); len(operands) > 0 {
				*owners += " " + operands[0].Text
			}
		}
		if os, ok := c.OSPackages(); ok && os.Install {
			for _, pkg := range os.Packages {
				if name, _, _ := strings.Cut(pkg.Text, "="); droppers[name] {
					return false
				}
			}
		}
		for _, w := range c.Words {
			if droppers[path.Base(w.Text)] {
				return false
			}
		}
	}
	return true
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
	"s6-overlay": true, "supervisor": true, "supervisord": true, "fixuid": true, "sshd": true, "openssh-server": true,
}

func isRoot(user stages.Value) bool {
	name, _, _ := strings.Cut(user.Text, ":")
	return user.Known && (name == "root" || name == "0" || name == "")
}

// setsOwnUser reports whether the base image is known to run as another user, or to drop root in
// its entrypoint, or is not known at all.
func setsOwnUser(s *stages.Stage) bool {
	base := s.Root().Base
	if !base.Known || base.Text == "" {
		return true
	}
	name, _, _ := strings.Cut(base.Text, "@")
	repo, tag := name, ""
	if colon := strings.LastIndexByte(name, ':'); colon > strings.LastIndexByte(name, '/') {
		repo, tag = name[:colon], name[colon+1:]
	}
	repo = strings.TrimPrefix(strings.TrimPrefix(repo, "docker.io/"), "library/")
	if strings.Contains(repo, "distroless") {
		return strings.Contains(tag, "nonroot") || strings.HasSuffix(repo, "-nonroot")
	}
	for _, prefix := range []string{"cgr.dev/", "chainguard/", "bitnami/", "bitnamilegacy/", "dhi.io/", "registry.access.redhat.com/ubi", "registry.redhat.io/", "jupyter/", "quay.io/jupyter/", "nginxinc/nginx-unprivileged", "mcr.microsoft.com/devcontainers/"} {
		if strings.HasPrefix(repo, prefix) {
			return true
		}
	}
	return ownUser[repo]
}

// ownUser are official images that set a user, or whose entrypoint drops root.
var ownUser = map[string]bool{
	"haproxy": true, "jetty": true, "memcached": true, "cassandra": true, "elasticsearch": true, "kibana": true,
	"logstash": true, "solr": true, "sonarqube": true, "kong": true, "rocket.chat": true, "varnish": true,
	"postgres": true, "mysql": true, "mariadb": true, "redis": true, "valkey/valkey": true, "mongo": true,
	"rabbitmq": true, "zookeeper": true, "nginx": true, "httpd": true, "traefik": true, "caddy": true, "ghost": true,
	"nextcloud": true, "wordpress": true, "influxdb": true, "telegraf": true, "consul": true, "vault": true,
	"jenkins/jenkins": true, "grafana/grafana": true, "prom/prometheus": true, "curlimages/curl": true,
	"selenium/standalone-chrome": true, "gitpod/workspace-full": true, "homebrew/brew": true,
}

// dropsRoot reports whether the stage starts by a script or program that may give up root itself.
func dropsRoot(s *stages.Stage) bool {
	argv := entry(s)
	for _, word := range argv {
		base := path.Base(word)
		if droppers[base] || base == "su" || base == "sudo" || base == "init" {
			return true
		}
		if strings.Contains(base, "entrypoint") {
			return true
		}
	}
	return false
}

// entry is what the stage starts: its last ENTRYPOINT and CMD, those of its parents if it has none.
func entry(s *stages.Stage) []string {
	var entrypoint, cmd []string
	for _, stage := range s.Chain() {
		for _, step := range stage.Steps {
			switch c := step.Instr.Cmd().(type) {
			case *instructions.EntrypointCommand:
				entrypoint, cmd = fields(c.CmdLine), nil
			case *instructions.CmdCommand:
				cmd = fields(c.CmdLine)
			}
		}
	}
	return append(slices.Clone(entrypoint), cmd...)
}

func fields(line []string) []string { return strings.Fields(strings.Join(line, " ")) }

// isTool reports whether the image is made to be entered: it starts a bare shell or REPL, or starts
// nothing of its own.
func isTool(s *stages.Stage) bool {
	argv := entry(s)
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
	name, _, _ := strings.Cut(p.Stage.Root().Base.Text, ":")
	name = strings.TrimPrefix(strings.TrimPrefix(name, "docker.io/"), "library/")
	user := map[string]string{"node": "node", "oven/bun": "bun", "denoland/deno": "deno", "composer": "www-data"}[name]
	if strings.HasPrefix(name, "mcr.microsoft.com/dotnet/") {
		user = "app"
	}
	if user == "" {
		return nil
	}
	return []diagnostics.Fix{insertUser(p, user)}
}

// insertUser puts a USER before the stage's first CMD or ENTRYPOINT, or at its end. It is only a
// suggestion: the program may need files or ports that the user must not touch.
func insertUser(p *diagnostics.Pass, name string) diagnostics.Fix {
	steps := p.Stage.Steps
	var edit text.Edit
	at := slices.IndexFunc(steps, func(s *stages.Step) bool {
		return s.Instr.Name == "CMD" || s.Instr.Name == "ENTRYPOINT"
	})
	if at >= 0 {
		start := steps[at].Instr.Start()
		edit = p.At(steps[at], text.Span{Start: start, End: start}, "USER "+name+"\n")
	} else {
		last := steps[len(steps)-1]
		end := last.Instr.Body.End
		edit = p.At(last, text.Span{Start: end, End: end}, "\nUSER "+name)
	}
	return diagnostics.Fix{Title: "Run as " + name + ": add USER " + name, Edits: []diagnostics.FileEdit{diagnostics.Edit(edit)}}
}
