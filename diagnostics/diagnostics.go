// Package diagnostics finds what is wrong in a Dockerfile, and carries how to mend it.
//
// The rules are in one folder a family; package catalog is the table of all of them.
package diagnostics

import (
	"embed"
	"fmt"
	"strings"

	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/lazy"
)

// Severity says how much a finding matters.
type Severity int

// The severities, least first.
const (
	Off Severity = iota
	Hint
	Info
	Warning
	Error
)

// On is a setting, not the severity of anything: the rule reports as it does by itself. It is how a rule is
// turned on that is off by default.
const On Severity = -1

var severities = []string{"off", "hint", "info", "warning", "error"}

func (s Severity) String() string {
	if s == On {
		return "on"
	}
	return severities[s]
}

// ParseSetting reads what a configuration may say of a rule: a severity, or on.
func ParseSetting(s string) (Severity, bool) {
	if s == "on" {
		return On, true
	}
	return ParseSeverity(s)
}

// SettingNames are the words that ParseSetting takes.
func SettingNames() []string { return append([]string{"on"}, severities...) }

// ParseSeverity reads off, hint, info, warning or error.
func ParseSeverity(s string) (Severity, bool) {
	for i, name := range severities {
		if s == name {
			return Severity(i), true
		}
	}
	return Off, false
}

// Tag is how an editor may draw a finding.
type Tag int

// The tags.
const (
	NoTag Tag = iota
	Unnecessary
	Deprecated
)

// Rule is one thing that can be wrong.
//
// Its hooks report findings. What a hook asks of its Pass is noted, and its findings are kept until an
// answer changes; whatever else it looks at must belong to what it is given.
type Rule struct {
	Name     string   // kebab-case name of the mistake, e.g. "copy-before-install"
	Code     string   // number in the cache rules' list, e.g. "C01"; empty if it has none
	Family   string   // cache, security, size, correctness, maintainability, style; set by Family
	Severity Severity // of its findings that do not say it themselves; never Off
	Off      bool     // it reports only where the configuration turns it on, by its name or code
	Page     string   // the rule's documentation in Markdown; set by Family
	Tag      Tag
	BuildKit []string // the names of BuildKit's checks for the same mistake
	Hadolint []string // the ids of hadolint's rules for the same mistake
	// Elsewhere are the ids of other tools for it; see Rule.IDs.
	Elsewhere Elsewhere
	// Production: it is about what users get, so that builds for developing or testing do not count.
	Production bool
	Always     bool // comments cannot silence it: the build fails all the same
	// Secret: on the lines that it reports stand secrets, which no report shows: reports end up in logs.
	Secret bool
	// Passes is the tool whose findings the rule passes on, each with its code; see Finding.Code. Empty for a rule of our own.
	Passes Tool
	// Yields are the rules whose findings tell more of the same: where one of them stands at the same place of a step, this rule's
	// is not shown. One cause gives one finding.
	Yields []string
	// Options makes the rule's options with their defaults: a pointer to a struct, whose fields have the
	// tags json (the name) and desc (a sentence). Nil if the rule has none.
	Options func() any

	// Command checks one command of a RUN. It may look at the command, the step's instruction and what is
	// in effect before it, but not at other steps.
	Command func(*Pass, *stages.Step, *shell.Command)
	// Step checks one step, and may look at as much as Command.
	Step func(*Pass, *stages.Step)
	// Stage checks one stage. It may look at the pass's stage, and at the stages that this one builds on.
	Stage func(*Pass)
	// File checks what no stage owns. It runs after every edit, so it must be quick.
	File func(*Pass)
	// After is like File, and runs when all others have reported.
	After func(*Pass)
	// Late is like File, and runs when the facts are there that take long; see Facts.
	Late func(*Pass)
}

// Fold is the form in which the ids of rules and families are compared: their case means nothing.
func Fold(id string) string { return strings.ToLower(id) }

// Is reports whether the id is the rule's name, its code or its family.
func (r *Rule) Is(id string) bool {
	id = Fold(id)
	return id == r.Name || id == r.Family || r.Code != "" && id == Fold(r.Code)
}

// id is the name of a finding of the rule; see Diagnostic.ID.
func (r *Rule) id(code string) string {
	if code == "" {
		return r.Name
	}
	return r.Name + "/" + code
}

// Part reports whether the id, as in shellcheck/SC2086, names some of the findings of a rule that passes on those of another
// tool, and which.
func (r *Rule) Part(id string) (code string, ok bool) {
	name, code, found := strings.Cut(id, "/")
	if !found || !r.Is(name) || Fold(name) == r.Family || !r.PassesOn(code) {
		return "", false
	}
	return strings.ToUpper(code), true
}

// PassesOn reports whether the text is the code of a finding that the rule may pass on.
func (r *Rule) PassesOn(code string) bool { return r.Passes != "" && passedCode.MatchString(code) }

// passedCode matches the codes of ShellCheck.
var passedCode = lazy.New(`^(?i:SC)\d{4}$`)

// Names reports whether the id means this rule alone: it is its name or its code.
func (r *Rule) Names(id string) bool { return r.Is(id) && Fold(id) != r.Family }

// Family gives the rules of one folder their family and their pages: the page of the rule
// copy-before-install is the file copy_before_install.md.
func Family(name string, pages embed.FS, rules ...*Rule) []*Rule {
	for _, r := range rules {
		page, err := pages.ReadFile(strings.ReplaceAll(r.Name, "-", "_") + ".md")
		if err != nil {
			panic(fmt.Sprintf("rule %s has no page: %v", r.Name, err)) // a mistake in this program
		}
		r.Family, r.Page = name, string(page)
	}
	return rules
}

// Folder is where the rule stands, below diagnostics/: that of its family. The package of the family cache has
// another name than that of the model of the build cache, which its rules may ask.
func (r *Rule) Folder() string {
	if r.Family == "cache" {
		return "caching"
	}
	return r.Family
}

// Summary is the first paragraph of the rule's page: one sentence.
func (r *Rule) Summary() string {
	for _, paragraph := range strings.Split(r.Page, "\n\n") {
		if !strings.HasPrefix(paragraph, "#") {
			return strings.ReplaceAll(strings.TrimSpace(paragraph), "\n", " ")
		}
	}
	return ""
}
