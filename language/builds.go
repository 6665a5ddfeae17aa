package language

// Build is one way in which the Dockerfile is built, as a file of the workspace says it.
type Build struct {
	Source
	Context   string // the folder, as the file's workspace calls it; "" if it is none
	Kind      string // what is to be known of the context: "of the commit"; if Context is "", what it is
	Target    string
	TargetAt  Line // where the target stands, and says it of no other Dockerfile; zero if that is not known
	Contexts  map[string]NamedContext
	Args      map[string]string
	Secrets   []string // the ids of the secrets that it passes
	SSH       []string // the ids of the SSH agents and keys that it passes
	Platforms []string // that it is for; none stands for the machine's own
	Hidden    []string // names of arguments with values that are not to be seen
	Unknown   []string // names of arguments with values that only the run knows
	Unsure    bool     // there may be more, which only the run knows
}

// NamedContext is what a build passes under a name.
type NamedContext struct {
	Of string // a folder, as the file's workspace calls it, or what is fetched
	At Line   // where it gets its name; zero if that is not known
}

// Line is a line of a file of the workspace.
type Line struct {
	Path string // absolute
	Line int    // from 1
}

// Source is the place where a file of the workspace says how something is built.
type Source struct {
	File string // relative to the workspace, with slashes
	Link string // to the line in it, as a URL; "" for none
	Path string // absolute; "" if it is no file
	Line int    // of the file, from 1, where what it says of the build begins
	Unit string // what the file calls a build: service, target, job; "" if it has no word for it
	Name string // of the build in the file; "" if it has none
}

// Made is an image that the workspace makes.
type Made struct {
	Source
	Dockerfile string // relative to the workspace, with slashes; "" for a text in the source
}
