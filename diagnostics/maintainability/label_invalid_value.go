package maintainability

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/internal/lazy"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// valueOptions are those of label-invalid-value: labels by what their values have to be. By default they are the
// annotations of the OCI image specification.
type valueOptions struct {
	Address []string `json:"url" desc:"The labels whose values have to be addresses."`
	Time    []string `json:"rfc3339" desc:"The labels whose values have to be times, as in RFC 3339."`
	License []string `json:"spdx" desc:"The labels whose values have to be licenses, as in SPDX."`
	Version []string `json:"semver" desc:"The labels whose values have to be semantic versions."`
	Hash    []string `json:"hash" desc:"The labels whose values have to be commits of Git."`
	Email   []string `json:"email" desc:"The labels whose values have to be addresses of mail."`
	Text    []string `json:"text" desc:"The labels whose values must not be empty."`
}

var labelInvalidValue = &diagnostics.Rule{
	Name:     "label-invalid-value",
	Severity: diagnostics.Info,
	Off:      true,
	Hadolint: []string{"DL3051", "DL3052", "DL3053", "DL3054", "DL3055", "DL3056", "DL3058"},
	Options: func() any {
		const oci = "org.opencontainers.image."
		return &valueOptions{
			Address: []string{oci + "documentation", oci + "source", oci + "url"},
			Time:    []string{oci + "created"},
			License: []string{oci + "licenses"},
		}
	},
	Step: checkValues,
}

func checkValues(p *diagnostics.Pass, s *stages.Step) {
	c, ok := s.Instr.Cmd().(*instructions.LabelCommand)
	labels := labelsOf(s)
	if !ok || len(labels) != len(c.Labels) {
		return
	}
	options := p.Options().(*valueOptions)
	kinds := []struct {
		labels []string
		what   string
		is     func(string) bool
	}{
		{options.Address, "an address, as https://example.org/app", isAddress},
		{options.Time, "a time, as 2026-01-31T12:00:00Z", isTime},
		{options.License, "a license by its name in SPDX, as Apache-2.0", license.MatchString},
		{options.Version, "a version, as 1.2.3", version.MatchString},
		{options.Hash, "a commit, as 4e1fab2", hash.MatchString},
		{options.Email, "an address of mail, as me@example.org", email.MatchString},
		{options.Text, "a text", isText},
	}
	for n, l := range labels {
		value := s.Expand(c.Labels[n].Value)
		if !value.Known || strings.Contains(c.Labels[n].Value, "$") {
			continue // what the build gives it
		}
		for _, kind := range kinds {
			if slices.Contains(kind.labels, l.key) && !kind.is(value.Text) {
				p.Report(diagnostics.Finding{Step: s, Span: l.span, Message: diagnostics.Plain(
					"Tools that read the label " + l.key + " expect " + kind.what + ", and cannot use this value; write it so")})
				break
			}
		}
	}
}

func isAddress(value string) bool {
	u, err := url.Parse(value)
	return err == nil && u.Scheme != "" && u.Host != ""
}

func isText(value string) bool { return strings.TrimSpace(value) != "" }

func isTime(value string) bool {
	_, err := time.Parse(time.RFC3339, value)
	return err == nil
}

var (
	license = lazy.New(`^\(*[A-Za-z0-9.+:-]+\)*( (AND|OR|WITH) \(*[A-Za-z0-9.+:-]+\)*)*$`)
	version = lazy.New(`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$`)
	hash    = lazy.New(`^[0-9a-f]{7,64}$`)
	email   = lazy.New(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)
)
