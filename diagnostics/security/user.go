package security

import (
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/images"
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
		if f == nil || f.windows || f.last == nil || !isRoot(p.Stage.User()) || f.base == dropsItself {
			return
		}
		p.Report(diagnostics.Finding{
			Step: f.last, Span: diagnostics.Line(f.last.Instr),
			Message: diagnostics.Plain("The container runs as root: a flaw in the program gives an attacker all of the container"),
			Fixes:   func(p *diagnostics.Pass) []diagnostics.Fix { return useImageUser(p) },
		})
	},
}

var finalUserMissing = &diagnostics.Rule{
	Name:     "final-user-missing",
	Severity: diagnostics.Info,
	Stage: func(p *diagnostics.Pass) {
		f := factsOf(p)
		if f == nil || f.windows || f.enters || f.last != nil || f.created != "" || f.base != root {
			return
		}
		from := p.Stage.Steps[0]
		p.Report(diagnostics.Finding{
			Step: from, Span: diagnostics.Line(from.Instr),
			Message: diagnostics.Plain("No USER is set, so the container runs as root: a flaw in the program gives an attacker all of the container"),
			Fixes:   func(p *diagnostics.Pass) []diagnostics.Fix { return useImageUser(p) },
		})
	},
}

var userCreatedNotUsed = &diagnostics.Rule{
	Name:     "user-created-not-used",
	Severity: diagnostics.Warning,
	Stage: func(p *diagnostics.Pass) {
		f := factsOf(p)
		if f == nil || f.enters || f.created == "" || f.used || f.last != nil && !isRoot(p.Stage.User()) || f.last == nil && f.base != root {
			return
		}
		p.Report(diagnostics.Finding{
			Step: f.creator, Span: f.creatorSpan,
			Message: diagnostics.Plain("The user " + f.created + " is created, but the container still runs as " + f.superuser() + ": no USER switches to it"),
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
// its name, its folder, and the folders of the build context that it lies in. What lies above is the
// user's own.
func isDevelopment(p *diagnostics.Pass) bool {
	file := filepath.ToSlash(p.Path())
	if file == "" {
		return false
	}
	if p.Context() != nil {
		if inside, ok := strings.CutPrefix(file, strings.TrimSuffix(filepath.ToSlash(p.Context().Root), "/")+"/"); ok && stages.IsDevelopment(inside) {
			return true
		}
	}
	folder, name := path.Split(file)
	return stages.IsDevelopment(path.Base(folder)) || stages.IsDevelopment(name)
}

// readFacts reads the chain.
func readFacts(p *diagnostics.Pass) *facts {
	if !p.Final() || !p.Stage.Root().Base.Known || stages.IsDevelopment(p.Stage.Name) || isDevelopment(p) {
		return nil
	}
	image, known := images.Of(p.Stage)
	if image.Development {
		return nil
	}
	if p.Stage.Windows { // of which little is known
		return windowsFacts(p, image)
	}
	start := startOf(p.Stage)
	if start.archive(p.Stage) {
		return nil
	}
	f := &facts{base: baseUserOf(image, known, start)}
	for _, s := range p.SeeChain(aboutUsersKey{}, aboutUsers) {
		switch s.Instr.Cmd().(type) {
		case *instructions.UserCommand:
			f.last = s.Step
		case *instructions.OnbuildCommand:
			return nil // an image for others to build on: they decide
		case *instructions.RunCommand:
			if !f.readRun(s.Step) {
				return nil
			}
		}
	}
	if f.base == unknownUser && !start.entrypoint {
		return nil // the base image's entrypoint may give up root
	}
	argv := start.argv
	if f.last != nil && !p.Stage.User().Known || dropsRoot(argv) || runsUnknownScript(p, argv) {
		return nil
	}
	f.enters = start.enters(image, known)
	if f.enters && f.base != otherUser && (f.last == nil || len(argv) > 0) {
		return nil
	}
	f.used = f.created != "" && slices.ContainsFunc(append(texts(p.Stage), argv...), func(text string) bool {
		return names(text, f.created) || strings.Contains(text, "$")
	})
	return f
}

// names reports whether one of the text's words is the user.
func names(text, user string) bool {
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" :='\"", r) })
	return slices.ContainsFunc(words, func(word string) bool { return strings.EqualFold(word, user) })
}

type aboutUsersKey struct{}

// aboutUsers says true of a step that readFacts has to look at, and nothing of others, the most by far.
func aboutUsers(s *stages.Step) any {
	switch s.Instr.Name {
	case "USER", "ONBUILD":
		return true
	case "RUN":
		for _, c := range shell.Of(s.Instr, s.Shell).Commands {
			if os, ok := c.OSPackages(); ok && os.Install || c.Program == "useradd" || c.Program == "adduser" || c.Program == "groupadd" || drops(c) {
				return true
			}
		}
	}
	return nil
}

// drops reports whether a command uses or names a program that drops root.
func drops(c *shell.Command) bool {
	return slices.ContainsFunc(c.Wrappers, func(name string) bool { return droppers[name] }) ||
		slices.ContainsFunc(c.Words, func(w shell.Word) bool { return droppers[path.Base(w.Text)] })
}

// readRun notes a created user. It returns false if a program that drops root is installed or used.
func (f *facts) readRun(s *stages.Step) bool {
	for _, c := range shell.Of(s.Instr, s.Shell).Commands {
		if operands := c.Operands(); (c.Program == "useradd" || c.Program == "adduser") && len(operands) > 0 {
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
		if drops(c) {
			return false
		}
	}
	return true
}

// texts are what may name a user, so that a program switches to it: the words of commands, and variables.
func texts(stage *stages.Stage) (all []string) {
	for _, stage := range stage.Chain() {
		for _, s := range stage.Steps {
			switch c := s.Instr.Cmd().(type) {
			case *instructions.EnvCommand:
				for _, kv := range c.Env {
					if v := s.Expand(kv.Value); v.Known {
						all = append(all, v.Text)
					} else if wholeVariable.MatchString(kv.Value) {
						all = append(all, kv.Value)
					}
				}
			case *instructions.RunCommand:
				for _, c := range shell.Of(s.Instr, s.Shell).Commands {
					if !onlyName[c.Program] {
						for _, w := range c.Words {
							if w.Literal {
								all = append(all, w.Text)
							}
						}
					}
				}
			}
		}
	}
	return all
}

// onlyName are programs that name users, or own files, without a switch to them.
var onlyName = map[string]bool{
	"useradd": true, "adduser": true, "usermod": true, "groupadd": true, "addgroup": true, "passwd": true, "chpasswd": true, "chage": true,
	"gpasswd": true, "id": true, "getent": true, "echo": true, "mkdir": true, "cd": true,
	"chown": true, "chgrp": true, "chmod": true, "setfacl": true, "install": true,
}

// wholeVariable matches a value that is another variable, which may name a user. A path made of variables
// does not.
var wholeVariable = regexp.MustCompile(`^["']?\$(\w+|\{\w+\})["']?$`)

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
		body, copied := copies.CopiedFile(p.Context(), p.Stage, word)
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
