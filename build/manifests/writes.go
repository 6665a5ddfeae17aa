package manifests

import (
	"slices"
	"strings"

	"layerwise/internal/words"
)

// outputVars are variables that name a file which the install writes; sorted.
var outputVars = []string{"CONDA_LOG", "PIP_LOG", "PIP_LOG_FILE", "PIP_REPORT"}

// written notes the files that the command line and the environment make the install write. One that
// the context has too would come back with the copy that follows.
func (r *reader) written() {
	cmd := r.inst.Command
	if cmd == nil {
		return
	}
	for _, log := range cmd.Logs() {
		r.writesTo(log.Text)
	}
	for _, redirect := range cmd.Redirects {
		if op := redirect.Op; strings.Contains(op, ">") && !(strings.HasSuffix(op, "&") && strings.Trim(redirect.Target.Text, "0123456789-") == "") {
			r.writesTo(redirect.Target.Text)
		}
	}
	for _, v := range r.env {
		if slices.Contains(outputVars, upperName(v.Name)) && v.Value != "" && r.concerned(v.Name) {
			r.writesTo(v.Value)
		}
	}
}

// writesTo notes a file of the command line that the install writes.
func (r *reader) writesTo(name string) {
	if name == "" || name == "-" || strings.HasPrefix(name, "/dev/") {
		return
	}
	p, ok := r.toDir(name)
	if !ok || strings.Contains(name, "$") {
		r.doubt("it is not known whether %s is among the copied files", name)
		return
	}
	if p = r.in(p); !inside(p) {
		return
	}
	if e, there := r.c.Lookup(p); there && !e.Ignored {
		r.doubt("%s writes %s, which the build context has too", words.Code(r.inst.Phrase), p)
	}
	r.write(p)
}

func (r *reader) write(p string) {
	if !slices.Contains(r.writes, p) && len(r.writes) < maxFiles {
		r.writes = append(r.writes, p)
	}
}
