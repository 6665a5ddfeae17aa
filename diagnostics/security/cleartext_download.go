package security

import (
	"net/netip"
	"slices"
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/internal/lazy"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var cleartextDownload = &diagnostics.Rule{
	Name:      "cleartext-download",
	Severity:  diagnostics.Warning,
	Elsewhere: diagnostics.Elsewhere{Sonar: []string{"S5332"}},
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		switch c := s.Instr.Cmd().(type) {
		case *instructions.RunCommand:
			checkCleartext(p, s)
		case *instructions.AddCommand:
			if c.Checksum != "" {
				return
			}
			for _, w := range s.Instr.Words[:max(0, len(s.Instr.Words)-1)] {
				reportCleartext(p, s, w.Span, w.Text)
			}
		}
	},
}

func checkCleartext(p *diagnostics.Pass, s *stages.Step) {
	if !strings.Contains(s.Instr.Text, "http://") && !strings.Contains(s.Instr.Text, "ftp://") && !strings.Contains(s.Instr.Text, "git://") {
		return
	}
	commands := shell.Commands(s.Instr, s.Shell)
	if slices.ContainsFunc(commands, (*shell.Command).Verifies) {
		return
	}
	for _, c := range commands {
		if runByShell(commands, c) {
			continue // pipe-to-shell
		}
		for _, w := range c.Addresses() {
			reportCleartext(p, s, w.Span, w.Text)
		}
	}
}

// runByShell reports whether what the command writes is run at once.
func runByShell(commands []*shell.Command, c *shell.Command) bool {
	return slices.ContainsFunc(commands, func(to *shell.Command) bool {
		return c.Pipe != 0 && to.Pipe == c.Pipe && to.RunsInput() || c.InSubst && runsSubstitution(to, c)
	})
}

func reportCleartext(p *diagnostics.Pass, s *stages.Step, span text.Span, address string) {
	scheme, _, ok := strings.Cut(address, "://")
	scheme = strings.TrimPrefix(scheme, "git+")
	host := hostOf(address)
	if !ok || scheme != "http" && scheme != "ftp" && scheme != "git" || isNear(host) {
		return
	}
	p.Report(diagnostics.Finding{
		Step: s, Span: span,
		Message: diagnostics.Plain("What comes from " + host + " is neither encrypted nor checked: anyone on the network between can replace it, and so change the image; use " + words.Code("https://") + ", or compare a checksum in the same step"),
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			at := strings.Index(span.Of(s.Instr.Text), "http://")
			if at < 0 || withPort.MatchString(address) {
				return nil // HTTPS has another port
			}
			change, start := p.Change(), span.Start+at
			change.ReplaceWord(s, text.Span{Start: start, End: start + len("http")}, "https")
			edit, err := change.Edit()
			if err != nil {
				return nil
			}
			return []diagnostics.Fix{{Title: "Use " + words.Code("https://"), Edits: []diagnostics.FileEdit{edit}}}
		},
	})
}

var withPort = lazy.New(`^[^/]*//([^/@]*@)?[^/:@]+:\d`)

// hostOf is the host of an address, without user and port.
func hostOf(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	rest = rest[strings.LastIndexByte(rest, '@')+1:]
	if !strings.HasPrefix(rest, "[") {
		rest, _, _ = strings.Cut(rest, ":")
	}
	return strings.Trim(strings.ToLower(rest), "[]")
}

// isNear reports whether the host is the machine itself or of a private network, or is not known.
func isNear(host string) bool {
	if host == "" || strings.ContainsAny(host, "$`{%<*") || !strings.Contains(host, ".") && !strings.Contains(host, ":") || isLocal(host) || private.MatchString(host) {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && (ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast())
}

// private matches domains that no public server has (RFC 2606, 6762, 8375, and what is reserved for private use).
var private = lazy.New(`\.(cluster\.local|corp|example|home|home\.arpa|internal|intra|intranet|invalid|lan|local|localdomain|onion|svc|test)$|(^|\.)example\.(com|net|org)$`)
