package cli

import (
	"reflect"
	"testing"

	"layerwise/workspace"
)

// TestFromHadolint: what hadolint is set to has its place in ours, and ours can be read and says the same.
func TestFromHadolint(t *testing.T) {
	const theirs = `trustedRegistries: [ghcr.io, "*.acme.dev"]
label-schema:
  org.opencontainers.image.source: url
  author: text
  maintainer: email
override:
  error: [DL3026]
  info: [DL3008]
ignored: [DL3007]
strict-labels: true
`
	lines, err := workspace.ParseForeign(".hadolint.yaml", theirs)
	if err != nil {
		t.Fatal(err)
	}
	const ours = `# Taken over from .hadolint.yaml, which does not count any more where this file is.
rules:
  base-image-latest: off # ignored: DL3007
  label-invalid-value: { severity: on, email: ["maintainer"], text: ["author"], url: ["org.opencontainers.image.source"] } # label-schema
  label-missing: { severity: on, labels: ["org.opencontainers.image.source", "author", "maintainer"] } # label-schema
  pin-apt: info # override.info: DL3008
  untrusted-registry: { severity: error, registries: ["ghcr.io", "*.acme.dev"] } # override.error: DL3026

# Not carried over:
#   strict-labels: labels that are not in a schema are not reported
`
	if got := configOf(".hadolint.yaml", lines); got != ours {
		t.Errorf("got\n%s\nwant\n%s", got, ours)
	}
	before, problems := workspace.ParseConfig(".hadolint.yaml", theirs)
	after, more := workspace.ParseConfig(".layerwise.yaml", ours)
	if len(problems)+len(more) > 0 {
		t.Fatal(problems, more)
	}
	if !reflect.DeepEqual(before.Settings(), after.Settings()) {
		t.Errorf("hadolint's settings mean %+v, and ours that were made of them %+v", before.Settings(), after.Settings())
	}
}
