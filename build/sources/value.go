package sources

import "strings"

// unknown stands in a text for what only the run knows: the value of a variable that nobody has set here,
// the output of a command. A text with it may be passed on, joined and compared with itself, but is never
// a path. It is a character that no source has.
const unknown = "\uE0FF"

// root stands at the start of a path for the absolute path of the workspace's root, which some variables and
// commands hold: $GITHUB_WORKSPACE, $(pwd), ${localWorkspaceFolder}. joined and settle understand it; in any
// other text it is not known.
const root = "\uE0FE"

// assumed stands before a part of a text that holds if a script is run without options and conditions: what a
// variable had before a loop that may set it. It may be a path or a target, of a build that is unsure then, but is
// never the value of an argument.
const assumed = "\uE0FD"

// isKnown reports whether a text is known as a whole.
func isKnown(s string) bool {
	return !strings.Contains(s, unknown) && !strings.Contains(s, root) && !strings.Contains(s, assumed)
}

// believed is a text that is taken as it is without options, and whether it is so only then.
func believed(s string) (string, bool) {
	if !strings.Contains(s, assumed) {
		return s, false
	}
	return strings.ReplaceAll(s, assumed, ""), true
}

// fromRoot is a path, also an assumed one, as a path relative to a folder, which is the workspace's root if it begins with that.
func fromRoot(from, name string) (string, string) {
	name, _ = believed(name)
	rest, ok := strings.CutPrefix(name, root)
	switch {
	case !ok:
		return from, name
	case rest == "":
		return ".", "."
	case rest[0] != '/':
		return ".", unknown // beside the workspace, in a folder whose name begins with the workspace's
	}
	return ".", "." + rest
}

// argument is the value of a build argument: nil if it is not known.
func argument(s string) *string {
	if !isKnown(s) {
		return nil
	}
	return &s
}

// shown is a text for people: what is not known is an ellipsis.
func shown(s string) string {
	s, _ = believed(s)
	if rest, ok := strings.CutPrefix(s, root+"/"); ok {
		s = rest
	}
	return showing.Replace(s)
}

var showing = strings.NewReplacer(unknown, "…", root, "…")
