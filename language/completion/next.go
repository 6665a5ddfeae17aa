package completion

import (
	"slices"
	"strings"

	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

// follow says which instructions follow one, the most frequent first: counted in some 1,600 public Dockerfiles, with
// WORKDIR before what most of them leave out. Those that are not named come behind.
var follow = map[string]string{
	"FROM":        "RUN WORKDIR COPY ENV ARG LABEL SHELL",
	"WORKDIR":     "COPY RUN ENV USER ENTRYPOINT EXPOSE CMD",
	"COPY":        "RUN COPY ENTRYPOINT ENV CMD USER WORKDIR EXPOSE",
	"ADD":         "RUN ADD COPY CMD EXPOSE WORKDIR USER",
	"RUN":         "RUN COPY ENV WORKDIR CMD ENTRYPOINT FROM EXPOSE USER",
	"ENV":         "ENV RUN COPY WORKDIR USER EXPOSE ENTRYPOINT CMD",
	"ARG":         "ARG RUN ENV COPY WORKDIR",
	"USER":        "CMD ENTRYPOINT COPY RUN EXPOSE WORKDIR ENV",
	"EXPOSE":      "CMD ENTRYPOINT USER HEALTHCHECK EXPOSE COPY",
	"VOLUME":      "EXPOSE CMD ENTRYPOINT COPY USER ENV",
	"LABEL":       "RUN ENV LABEL WORKDIR COPY ENTRYPOINT ARG",
	"SHELL":       "RUN ENV WORKDIR COPY",
	"HEALTHCHECK": "CMD ENTRYPOINT EXPOSE",
	"ENTRYPOINT":  "CMD EXPOSE USER HEALTHCHECK STOPSIGNAL",
	"CMD":         "FROM HEALTHCHECK STOPSIGNAL EXPOSE",
	"STOPSIGNAL":  "EXPOSE CMD ENTRYPOINT COPY",
	"MAINTAINER":  "RUN ENV ARG WORKDIR",
	"ONBUILD":     "ONBUILD RUN CMD",
}

// usual are the instructions in the order in which they are of interest in a stage.
var usual = []string{"RUN", "COPY", "WORKDIR", "ENV", "ARG", "CMD", "ENTRYPOINT", "EXPOSE", "USER", "HEALTHCHECK", "LABEL", "ADD", "SHELL", "VOLUME", "STOPSIGNAL", "ONBUILD", "FROM"}

// order are the instructions as they are likely behind one; behind none, at the start of a file, FROM comes first.
func order(before string) (names []string) {
	names = strings.Fields(follow[before])
	if before == "" {
		names = []string{"FROM", "ARG"}
	}
	for _, name := range usual {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// next are whole instructions that are likely at the place: those that bring what a package manager reads, then the one that
// installs it, then the sources.
func (l *list) next() {
	step := l.step()
	if step == nil || step.Stage == nil || step.Stage.Windows || step.Stage.Scratch() || l.place.OnBuild || !l.lineEnds() {
		return
	}
	around := l.surroundings()
	if around.bc == nil || slices.ContainsFunc(step.Stage.Steps, func(s *stages.Step) bool { return s.N <= step.N && s.Instr.Name == "CMD" }) {
		return
	}
	offered := 0
	line := func(text, detail, doc string) {
		offered++
		if l.lower() {
			keyword, rest, _ := strings.Cut(text, " ")
			text = strings.ToLower(keyword) + " " + rest
		}
		l.add(Item{Label: text, Kind: Keyword, Detail: detail, Doc: doc, Bucket: 0})
	}
	installed := false
	all := shell.Phrases()
	for i := range all {
		p := &all[i]
		if p.Takes == "" || !around.has(p) || len(around.there(p.Files)) == 0 || around.outdone(p) {
			continue
		}
		names := around.there(p.Takes)
		switch {
		case around.called[p.Program] && around.brought(names):
			installed = true
		case offered >= maxNext || installed:
		case !around.workdir:
			line("WORKDIR /app", "where the project goes", "Sets the directory of the steps below, and makes it. Without it they work in `/`.")
			return
		case !around.brought(names):
			line("COPY "+strings.Join(names, " ")+" ./", "what "+strings.TrimSpace(p.Program+" "+p.Sub)+" reads", "Brings only what the install reads, so that other changes of the project do not rerun it.")
		case !around.done(p):
			line("RUN "+strings.TrimSpace(p.Line()), "", p.Doc)
		}
	}
	if installed && !around.whole() && offered == 0 {
		sel := around.bc.Select([]string{"."}, nil)
		line("COPY . .", words.Count(sel.Files, "file")+", "+words.Size(sel.Bytes), "Takes the whole build context but for what `.dockerignore` leaves out. The step reruns when one of the files has changed.")
	}
}

// maxNext bounds the whole instructions that are offered.
const maxNext = 3
