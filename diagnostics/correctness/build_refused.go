package correctness

import (
	"slices"
	"strings"

	"layerwise/build/images"
	"layerwise/build/refusals"
	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
	"layerwise/internal/lazy"
	"layerwise/internal/words"
)

var buildRefused = &diagnostics.Rule{
	Name: "build-refused", Severity: diagnostics.Error, Always: true,
	Late: func(p *diagnostics.Pass) {
		for _, r := range p.Refusals() {
			f := diagnostics.Finding{Message: diagnostics.Plain(plain(r))}
			if r.Instruction >= 0 {
				f.Step = p.StepAt(r.Instruction)
				f.Span = culprit(f.Step.Instr, r.Message)
				if namesNothing(f.Step) && (p.Told(undefinedArgInFrom, f.Step) || p.Told(invalidDefaultArgInFrom, f.Step)) {
					continue // that is why
				}
				if name := f.Span.Of(f.Step.Instr.Text); isImagePlaceholder(f.Step, name) {
					f.Severity = diagnostics.Info
					f.Message = diagnostics.Plain("FROM names the placeholder " + words.Code(name) + ": the build fails until an image takes its place")
				} else if word, name, ok := stageInCapitals(p, f.Step); ok && word.Span == f.Span {
					f.Message = diagnostics.Plain("The build fails: FROM finds the stage " + name + " only in lower case; write " + name)
				}
			}
			p.Report(f)
		}
	},
}

// isImagePlaceholder reports whether what a FROM names stands for an image that somebody is to fill in: DIST:SUITE, IMAGE_NAME,
// gcr.io/<project_id>/app. UBUNTU is no such, but a slip.
func isImagePlaceholder(s *stages.Step, name string) bool {
	if s.Instr.Name != "FROM" || !placeholder.MatchString(name) {
		return false
	}
	_, known := images.Lookup(strings.ToLower(name), "")
	return !known
}

var placeholder = lazy.New(`<[^<>]*>|^[A-Z][A-Z0-9]+(:[A-Z]+)?$|(^|/)_*[A-Z0-9]+_[A-Z0-9_]+(:|$)|(^|/)__\w+__(:|$)`)

// plain is BuildKit's message in words that say what to do; those that are not known are BuildKit's.
func plain(r refusals.Refusal) string {
	message := hint.ReplaceAllString(r.Message, "")
	for _, s := range sentences {
		if m := s.pattern.FindStringSubmatchIndex(message); m != nil {
			return string(s.pattern.Compiled().ExpandString(nil, s.words, message, m))
		}
	}
	return "The build fails here: " + strings.ToValidUTF8(syntax.Reason(message), "\uFFFD") // of a trigger, for one
}

// stageInCapitals is the name of a stage above which FROM has with capital letters. It is taken for that of an image, though
// --from finds a stage by any case.
func stageInCapitals(p *diagnostics.Pass, s *stages.Step) (word syntax.Word, name string, ok bool) {
	if s.Instr.Name != "FROM" || s.Stage == nil || len(s.Instr.Words) == 0 {
		return word, "", false
	}
	word = s.Instr.Words[0]
	name = strings.ToLower(word.Text)
	above := p.Stages()[:s.Stage.Index]
	return word, name, name != word.Text && slices.ContainsFunc(above, func(o *stages.Stage) bool { return o.Name == name })
}

// hint is BuildKit's suggestion. It is chosen in random order among equals, so it is left out.
var hint = lazy.New(` \(did you mean .*\?\)$`)

// sentences say what BuildKit's commonest refusals mean. The first that fits counts.
var sentences = []struct {
	pattern *lazy.Regexp
	words   string
}{
	{lazy.New(`^base name \((.*)\) should not be blank$`),
		"The build fails: $1 is empty, so this stage has no base image; declare it above the first FROM, as in `ARG NAME=value`"},
	{lazy.New(`(?s)^failed to parse stage name "(.*)": invalid reference format: repository name \(.*\) must be lowercase$`),
		`The build fails: the image name "$1" has capital letters; write it in lower case`},
	{lazy.New(`(?s)^failed to parse stage name "(.*)": invalid reference format$`),
		`The build fails: "$1" is not an image name; write name, name:tag or registry/name:tag`},
	{lazy.New(`(?s)^failed to parse stage name "(.*)": (?:invalid checksum digest (?:format|length)|unsupported digest algorithm)$`),
		`The build fails: the digest of "$1" cannot be; it is sha256: and 64 hexadecimal digits`},
	{lazy.New(`(?s)^failed to parse stage name "(.*)": (.*)$`), `The build fails: "$1" is not an image name: $2`},
	{lazy.New(`(?s)^failed to parse platform (.*?): .*$`),
		`The build fails: "$1" is not a platform; write it as in linux/amd64 or linux/arm64`},
	{lazy.New(`^empty platform value from expression (.*)$`),
		"The build fails: $1 is empty, so there is no platform; declare it above the first FROM, as in `ARG NAME=linux/amd64`"},
	{lazy.New(`^cannot copy from stage "(.*)", it needs to be defined before current stage ".*"$`),
		"The build fails: the stage $1 comes after this one; move it up, or copy from another stage"},
	{lazy.New(`^cannot mount from stage "(.*)" to ".*", stage needs to be defined before current command$`),
		"The build fails: the stage $1 comes after this one; move it up, or mount from another stage"},
	{lazy.New(`^invalid stage index (-?\d+)$`), "The build fails: there is no stage with the number $1; the first stage is 0"},
	{lazy.New(`^circular dependency detected on stage: (.*)$`),
		"The build fails: the stage $1 needs its own result; remove what one of the stages takes from the other"},
	{lazy.New(`(?s)^invalid port: "(.*)": .*$`),
		`The build fails: "$1" is not a port; write a number from 0 to 65535, or a range, followed by nothing but /tcp, /udp or /sctp`},
	{lazy.New(`^invalid (?:containerPort|hostPort|port range): (.*)$`),
		`The build fails: "$1" is not a port; write a number from 0 to 65535, or a range`},
	{lazy.New(`^invalid IP address: (.*)$`), "The build fails: \"$1\" is not an IP address; EXPOSE takes only ports, as in `EXPOSE 8080`"},
	{lazy.New(`string field contains invalid UTF-8$`),
		"The build fails: this instruction holds bytes that are not UTF-8 text; save the file as UTF-8"},
	{lazy.New(`^VOLUME specified can not be an empty string$`), "The build fails: the name of a volume is empty; give a path, or remove it"},
	{lazy.New(`^source can't be a URL for COPY$`), "The build fails: COPY cannot take a URL; use ADD, which downloads it"},
	{lazy.New(`^source can't be a git ref for COPY$`), "The build fails: COPY cannot take a git repository; use ADD, which clones it"},
	{lazy.New(`^checksum requires HTTP\(S\) or Git sources$`), "The build fails: `--checksum` works only with a URL or a git repository; remove it"},
	{lazy.New(`^checksum can't be specified for multiple sources$`), "The build fails: `--checksum` works only with one source; write one ADD for each"},
	{lazy.New(`^invalid chmod parameter: '(.*)'\. .*$`), "The build fails: \"$1\" is not a mode; write it in octal, as in `--chmod=755`"},
	{lazy.New(`^invalid syntax$`), "The build fails: this is not a mode; write it in octal, as in `--chmod=755`, or in letters, as in `--chmod=u=rwX,go=rX`"},
	{lazy.New(`^invalid checksum digest (?:format|length)$|^unsupported digest algorithm$`), "The build fails: this is not a checksum; write it as in `--checksum=sha256:` and 64 hexadecimal digits"},
	{lazy.New(`^--chown=(.*): user and group names can't be resolved when used with --link, .*$`),
		"The build fails: with `--link`, `--chown` takes only numbers, as in `--chown=1000:1000`; $1 is a name"},
	{lazy.New(`(?s)^Unknown signal: (.*)$|^[Ii]nvalid signal: (.*)$`), `The build fails: "$1$2" is not a signal; write its name, as in SIGTERM, or its number`},
	{lazy.New(`^ssh does not support source$`), "The build fails: a mount of the type ssh takes no source; remove it, and write `id=` to choose a key"},
	{lazy.New(`^(ref|subdir) conflicts: "(.*)" vs "(.*)"$`), `The build fails: the address says both "$2" and "$3"; keep one`},
	{lazy.New(`^branch conflicts with tag$`), "The build fails: the address names a branch and a tag; keep one"},
	{lazy.New(`^(?:unexpected query|query) "(.*?)"(?: has no value| has multiple values)?$`), `The build fails: "$1" in the address cannot be, or has no value; correct or remove it`},
	{lazy.New(`^checksum mismatch "(.*)" != "(.*)"$`), `The build fails: the address and --checksum name two commits, "$2" and "$1"; keep one`},
	{lazy.New(`^inconsistent keep-git-dir configuration$`), "The build fails: the address and `--keep-git-dir` say different things; keep one"},
	{lazy.New(`^invalid ranges specified for container and host Ports: .*$`), "The build fails: the two ranges of ports are not of one length; EXPOSE takes only ports, as in `EXPOSE 8080`"},
	{lazy.New(`^invalid SOURCE_DATE_EPOCH: (.*)$`), `The build fails: "$1" is not a time; SOURCE_DATE_EPOCH is the seconds since 1970`},
	{lazy.New(`(?s)^failed to process "(.*?)": (\w+): is not allowed to be (?:unset|empty)$`), `The build fails: the ? in "$1" asks for a value of $2, and it has none`},
	{lazy.New(`(?s)^failed to process "(.*?)": (\w+): (.*)$`), `The build fails: the ? in "$1" asks for a value of $2, and it has none ("$3")`},
	{lazy.New(`^removing drive letter: No relative path specified in "(.*)"$`), "The build fails: $1 is a drive without a folder; write $1/, or a folder of it"},
	{lazy.New(`^invalid mount target "(.*)"$`), "The build fails: nothing can be mounted at $1; set `target=` to a folder below /"},
}

// culprit is the part of an instruction that a refusal is about: the longest word or flag that the message
// quotes, or the first line of the instruction if none is, or several are alike.
func culprit(in *syntax.Instruction, message string) text.Span {
	var span text.Span
	longest, times := 0, 0
	quotes := func(at text.Span, word string) {
		switch word = strings.Trim(word, `"'`); {
		case len(word) < longest || word == "" || !strings.Contains(message, word):
		case len(word) > longest:
			span, longest, times = at, len(word), 1
		default:
			times++
		}
	}
	for _, f := range in.Flags {
		quotes(f.Span, f.Value.Of(in.Text))
	}
	for _, w := range in.Words {
		quotes(w.Span, w.Text)
	}
	if times == 1 {
		return in.FirstLine(span)
	}
	return in.FirstLine(text.Span{Start: in.Keyword.Start, End: in.Body.End})
}
