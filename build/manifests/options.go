package manifests

import (
	"path"
	"strings"

	"layerwise/internal/lazy"
)

// certificateVar are variables that name a file of certificates, for one tool or for all.
var certificateVar = lazy.New(`(?i)(^|_)(CERT|CERTS|CERTFILE|CACERT|CAFILE|CAINFO|CA_BUNDLE|CERT_FILE|CA_FILE|CLIENT_CERT)$`)

// outputOption are options whose value is written, not read.
var outputOption = lazy.New(`^--?(log|report|out|cache|target|prefix|root|dest|src|wheel|build)`)

// options adds the files that an option of the command or a variable names, whatever for: certificates,
// settings, other manifests. One too many costs little; one that is missing breaks the install.
func (r *reader) options() {
	if r.inst.Command == nil {
		return
	}
	words := r.inst.Command.Words
	for i, w := range words {
		name, value, joined := strings.Cut(w.Text, "=")
		if !strings.HasPrefix(name, "-") || outputOption.MatchString(name) {
			continue
		}
		if !joined && i+1 < len(words) {
			value = words[i+1].Text
		}
		r.ifThere(value)
	}
	for _, v := range r.env {
		if v.Known && certificateVar.MatchString(v.Name) {
			r.ifThere(v.Value)
		}
	}
}

// ownFiles adds the program, where the command names it by a path: ./gradlew.
func (r *reader) ownFiles() {
	if r.inst.Command == nil {
		return
	}
	for _, own := range r.inst.Command.OwnFiles() {
		r.ifThere(own.Text)
	}
}

// ifThere adds the file of the project that is meant by the name, if there is one.
func (r *reader) ifThere(name string) {
	p, ok := r.toDir(name)
	if p = r.in(p); !ok || name == "" || !inside(p) || path.Clean(p) == path.Clean(r.dir) {
		return
	}
	if info, found := r.c.Lookup(p); found && !info.Mode.IsDir() {
		r.add(&r.others, p)
	}
}
