package shell

import (
	"slices"
	"strings"
)

// asking says when a package manager asks whether to go on, and what keeps it from asking. Lists are strings of words.
type asking struct {
	others string // sub-commands that ask only if other packages come along with those that are named
	named  string // sub-commands that ask if packages are named, with | between alternatives
	always string // sub-commands that ask whether or not packages are named
	yes    string // options with which it does not ask, or does nothing
	quiet  string // an option that means yes if it is given twice
	levels string // what its value may be for it to mean yes
	sets   string // options whose value may be a setting that means yes
	files  string // options that name a file of settings, which may say anything
	never  string // programs of the row that never ask
	own    string // programs of the row that people know as managers of their own
	insert string // the option that means yes
	first  bool   // that stands before the sub-command
	config string // parts of names and texts that settings have which keep it from asking, in lower case
}

var (
	aptAsks = asking{others: "install|reinstall", named: "install|remove|purge|reinstall|build-dep", always: "upgrade|dist-upgrade|full-upgrade|autoremove",
		yes:   "-y --yes --assume-yes --assume-no -s --simulate --just-print --dry-run --recon --no-act --print-uris --trivial-only --force-yes -h --help",
		quiet: "-q --quiet", levels: "2 3", sets: "-o --option", files: "-c --config-file", insert: "-y", config: "assume-yes apt.conf apt_config"}
	dnfAsks = asking{named: "install|in|reinstall|groupinstall|localinstall|group install|groups install|module install|builddep|remove|erase",
		always: "update|upgrade|up|distro-sync|autoremove|group update|group upgrade",
		yes:    "-y --assumeyes --assumeno -h --help", sets: "--setopt", files: "-c --config", never: "microdnf", own: "yum", insert: "-y", config: "assumeyes yum.conf dnf.conf"}
	zypperAsks = asking{named: "install|in|remove|rm|source-install|si", always: "update|up|patch|dist-upgrade|dup|install-new-recommends",
		yes: "-n --non-interactive -y --no-confirm -D --dry-run -h --help", files: "-c --config", insert: "-n", first: true, config: "zypper.conf non_interactive"}
)

// Question is what a package manager asks before it goes on.
type Question struct {
	Manager string // apt, dnf, yum or zypper
	Program string // as it is written: apt-get, yum
	Option  string // the option by which it does not ask
	Behind  Word   // the word behind which that stands
	// MayNotAsk: it asks only if other packages come along with those that are named.
	MayNotAsk bool
}

// Asks is the question that the command waits to be answered, as far as its own words tell. In a build nobody answers.
func (c *Command) Asks() (q Question, ok bool) {
	m := c.row().packages
	if m == nil || m.asks.insert == "" || c.InSubst {
		return Question{}, false
	}
	how, operands := &m.asks, c.Operands()
	if listed(how.never, c.Program) || c.hasListed(how.yes) || c.hasListed(how.files) || c.quieted(how) {
		return Question{}, false
	}
	for _, setting := range c.listed(how.sets) {
		if mentions(setting.Text, how.config) || !setting.Literal {
			return Question{}, false
		}
	}
	if c.MayHoldOptions() {
		return Question{}, false
	}
	subs, named := (&use{sub: how.named}).fits(c, operands)
	if n, always := (&use{sub: how.always}).fits(c, operands); always {
		subs = n
	} else if !named || len(operands) == subs {
		return Question{}, false
	}
	q = Question{Manager: m.name, Program: c.Program, Option: how.insert, Behind: operands[subs-1]}
	if how.others != "" {
		_, q.MayNotAsk = (&use{sub: how.others}).fits(c, operands)
	}
	if listed(how.own, c.Program) {
		q.Manager = c.Program
	}
	if how.first {
		q.Behind = c.Words[0]
	}
	return q, true
}

// quieted reports whether options make the program so quiet that it takes yes for the answer: -qq, -q=2.
func (c *Command) quieted(how *asking) bool {
	n := 0
	for _, a := range c.arguments() {
		if a.flag == "" || !listed(how.quiet, a.flag) {
			continue
		}
		if n++; a.has && listed(how.levels, strings.TrimPrefix(a.value.Text, "=")) {
			return true
		}
	}
	return n > 1
}

// mentions reports whether a text has one of the words in it, in any case.
func mentions(text, list string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc(strings.Fields(list), func(w string) bool { return strings.Contains(text, w) })
}

// Answered reports whether what runs in front of the command, in a pipe or as a redirection, may answer what it asks.
func (s *Script) Answered(c *Command) bool {
	for _, r := range append(slices.Clone(c.outer), c.Redirects...) {
		if strings.HasPrefix(r.Op, "<") {
			return true
		}
	}
	for _, other := range s.Commands {
		if other == c {
			break
		}
		if c.Pipe != 0 && other.Pipe == c.Pipe {
			return true
		}
	}
	return false
}

// MentionsAnswers reports whether a text names the settings, or a file of settings, by which a package manager does not
// ask.
func MentionsAnswers(text string) bool {
	for i := range programs {
		if m := programs[i].packages; m != nil && m.asks.config != "" && mentions(text, m.asks.config) {
			return true
		}
	}
	return false
}
