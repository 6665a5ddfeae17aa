package security

import (
	"math"
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/internal/lazy"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var secretValueLiteral = &diagnostics.Rule{
	Name:      "secret-value-literal",
	Secret:    true,
	Severity:  diagnostics.Error,
	Elsewhere: diagnostics.Elsewhere{Tally: []string{"secrets-in-code"}, Sonar: []string{"S6472"}},
	Step:      checkValues,
	File: func(p *diagnostics.Pass) {
		for _, s := range p.Global() {
			checkValues(p, s)
		}
	},
}

// checkValues looks at what is written out. What ENV and ARG hold is told by their names, the rest by the lines
// on which it stands.
func checkValues(p *diagnostics.Pass, s *stages.Step) {
	switch c := s.Instr.Cmd().(type) {
	case *instructions.ArgCommand:
		for _, kv := range c.Args {
			if kv.Value != nil && showsCredential(kv.Key, *kv.Value) {
				reportValue(p, s, keySpan(s, kv.Key), "The default of "+kv.Key, credentialIn(*kv.Value))
			}
		}
	case *instructions.EnvCommand:
		for _, kv := range c.Env {
			if showsCredential(kv.Key, kv.Value) {
				reportValue(p, s, keySpan(s, kv.Key), kv.Key, credentialIn(kv.Value))
			}
		}
	case *instructions.CopyCommand, *instructions.AddCommand:
		if len(s.Instr.Heredocs) > 0 || s.Instr.Name == "ADD" {
			checkLines(p, s)
		}
	case *instructions.Stage, nil:
	default:
		checkLines(p, s)
	}
}

// showsCredential reports whether the value of a variable is a credential by itself.
func showsCredential(name, value string) bool {
	what := credentialIn(value)
	return what != "" && (what != googleKey || !isPublished(name))
}

// checkLines looks at each line of an instruction and of its here-documents.
func checkLines(p *diagnostics.Pass, s *stages.Step) {
	in := s.Instr
	at := in.Body.Start
	for line := range strings.Lines(in.Body.Of(in.Text)) {
		checkLine(p, s, line, at)
		at += len(line)
	}
	if in.Name == "RUN" {
		for _, c := range shell.Commands(in, s.Shell) {
			for _, a := range append(c.Exports(), c.Assigns...) {
				if isSecretName(a.Name) && isGenerated(a.Value.Text) && credentialIn(lineAt(s, a.Value.Span.Start)) == "" {
					reportValue(p, s, a.Value.Span, a.Name, "what looks like a real secret")
				}
			}
		}
	}
}

// lineAt is the line of the instruction with that place in it.
func lineAt(s *stages.Step, at int) string {
	text := s.Instr.Text
	line, _, _ := strings.Cut(text[strings.LastIndexByte(text[:at], '\n')+1:], "\n")
	return line
}

func checkLine(p *diagnostics.Pass, s *stages.Step, line string, at int) {
	what := credentialIn(line)
	if what == privateKey && !keyBody.MatchString(s.Instr.Text[at:]) {
		return // a command that looks for keys, or a template
	}
	span := text.Span{Start: at, End: at + len(strings.TrimRight(line, "\r\n"))}
	span.Start += len(line) - len(strings.TrimLeft(line, " \t"))
	if what != "" && (what != googleKey || !namesPublished(line)) {
		reportValue(p, s, span, "This line", what)
		return
	}
	inBody := len(s.Instr.Heredocs) > 0 && at >= s.Instr.Heredocs[0].Content.Start
	if what != "" || !inBody && s.Instr.Name != "LABEL" {
		return
	}
	if m := settingLine.FindStringSubmatch(line); m != nil && isSecretName(m[1]) && isGenerated(m[2]) {
		reportValue(p, s, span, m[1], "what looks like a real secret")
	}
}

// keyBody matches the beginning of a private key with what follows it.
var keyBody = lazy.New(`PRIVATE KEY-----[\s"'\\n,+]*[A-Za-z0-9+/=]{30,}`)

// settingLine matches a line of a file of settings, or of a LABEL: NAME=VALUE, NAME: VALUE.
var settingLine = lazy.New(`^\s*(?:LABEL\s+)?["']?([A-Za-z_][\w.-]*)["']?\s*[=:]\s*["']?([^\s"',;\\]+)["']?[,;\\\s]*$`)

func namesPublished(line string) bool {
	for word := range strings.FieldsFuncSeq(line, func(r rune) bool { return strings.ContainsRune(" \t\"'=:,", r) }) {
		if isPublished(word) {
			return true
		}
	}
	return false
}

// isGenerated reports whether a value looks like one that a machine has made: long, mixed, and without words.
func isGenerated(value string) bool {
	v := strings.Trim(value, `"'`)
	return len(v) >= 16 && strings.ContainsAny(v, "0123456789") && !strings.ContainsAny(v, "$`<{(%") && !strings.Contains(v, "://") &&
		!isReference(v) && !isSecretPlaceholder(v) && !pathLike.MatchString(v) && !publicKey.MatchString(v) && !fingerprint.MatchString(v) &&
		!saysDummy.MatchString(v) && entropy(v) >= minEntropy
}

var saysDummy = lazy.New(`(?i)dummy|fake|example|sample|placeholder|change|replace|insert|your|secret|passw|build|test|default|local|devel|0123|1234|abcd`)

// minEntropy is what a random text of 16 letters and digits has, and names and words of that length have not.
const minEntropy = 3.3

// entropy is Shannon's, in bits for each byte.
func entropy(v string) (bits float64) {
	var counts [256]int
	for i := range len(v) {
		counts[v[i]]++
	}
	for _, n := range counts {
		if n > 0 {
			share := float64(n) / float64(len(v))
			bits -= share * math.Log2(share)
		}
	}
	return bits
}

// reportValue says what a value is, never the value: reports are kept and shown.
func reportValue(p *diagnostics.Pass, s *stages.Step, span text.Span, holder, what string) {
	who := "anyone who can read the Dockerfile or the build cache has it"
	if s.Stage != nil && p.Exported() {
		who = "anyone who can read the Dockerfile or pull the image has it"
	}
	instead := "give a new one to the RUN that needs it by `--mount=type=secret`"
	switch s.Instr.Name {
	case "CMD", "ENTRYPOINT", "HEALTHCHECK", "ENV":
		instead = "give a new one to the container when it starts, or to a RUN by `--mount=type=secret`"
	}
	p.Report(diagnostics.Finding{Step: s, Span: span, Message: diagnostics.Plain(holder + " holds " + what + ": " + who + "; revoke it, and " + instead)})
}
