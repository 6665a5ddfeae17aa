package images

import (
	"github.com/distribution/reference"
)

// Reference is the name of an image in its parts.
type Reference struct {
	Name   string // with its registry: docker.io/library/node
	Short  string // as people write it: node, ghcr.io/acme/app
	Tag    string // as written, or ""
	Digest string // as written, or ""
}

// Parse reads a reference as BuildKit does. It fails where BuildKit fails.
func Parse(ref string) (r Reference, err error) {
	named, err := reference.ParseNormalizedNamed(ref)
	if err != nil {
		return r, err
	}
	r.Name, r.Short = named.Name(), reference.FamiliarName(named)
	if tagged, ok := named.(reference.Tagged); ok {
		r.Tag = tagged.Tag()
	}
	if digested, ok := named.(reference.Digested); ok {
		r.Digest = digested.Digest().String()
	}
	return r, nil
}
