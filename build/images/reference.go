package images

import (
	"sync"

	"github.com/distribution/reference"
)

// Reference is the name of an image in its parts.
type Reference struct {
	Name   string // with its registry: docker.io/library/node
	Short  string // as people write it: node, ghcr.io/acme/app
	Tag    string // as written, or ""
	Digest string // as written, or ""
}

// parsed keeps the latest answers of Parse: each image is asked about several times.
var parsed struct {
	sync.Mutex
	kept map[string]answer
}

type answer struct {
	Reference
	err error
}

// maxParsed bounds what is kept of Parse. At the bound all is forgotten.
const maxParsed = 1000

// Parse reads a reference as BuildKit does. It fails where BuildKit fails.
func Parse(ref string) (Reference, error) {
	parsed.Lock()
	defer parsed.Unlock()
	a, ok := parsed.kept[ref]
	if !ok {
		if len(parsed.kept) >= maxParsed || parsed.kept == nil {
			parsed.kept = make(map[string]answer)
		}
		a.Reference, a.err = parse(ref)
		parsed.kept[ref] = a
	}
	return a.Reference, a.err
}

func parse(ref string) (r Reference, err error) {
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
