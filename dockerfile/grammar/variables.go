package grammar

import (
	"slices"
	"strings"
)

// Variable is one that no instruction has to define.
type Variable struct {
	Name string
	Doc  string
}

// PlatformArgs are there on FROM lines, and in a stage that declares them by "ARG NAME".
var PlatformArgs = []Variable{
	{"BUILDPLATFORM", "the platform of the machine that builds, such as `linux/amd64`"},
	{"BUILDOS", "the system of BUILDPLATFORM, such as `linux`"},
	{"BUILDOSVERSION", "the version of the system of BUILDPLATFORM, on Windows"},
	{"BUILDARCH", "the architecture of BUILDPLATFORM, such as `amd64`"},
	{"BUILDVARIANT", "the variant of the architecture of BUILDPLATFORM, such as `v7`"},
	{"TARGETPLATFORM", "the platform that the image is built for, such as `linux/arm64`"},
	{"TARGETOS", "the system of TARGETPLATFORM, such as `linux`"},
	{"TARGETOSVERSION", "the version of the system of TARGETPLATFORM, on Windows"},
	{"TARGETARCH", "the architecture of TARGETPLATFORM, such as `arm64`"},
	{"TARGETVARIANT", "the variant of the architecture of TARGETPLATFORM, such as `v7`"},
	{"TARGETSTAGE", "the stage that is built, `default` if none was named"},
}

// ProxyArgs are seen by each RUN if the build passes them, also in lower case. Other instructions expand them only
// where they are declared.
var ProxyArgs = []Variable{
	{"HTTP_PROXY", "the proxy for http; it is part of no cache key, and of no image"},
	{"HTTPS_PROXY", "the proxy for https; it is part of no cache key, and of no image"},
	{"FTP_PROXY", "the proxy for ftp; it is part of no cache key, and of no image"},
	{"NO_PROXY", "what is reached without a proxy"},
	{"ALL_PROXY", "the proxy for all else"},
}

// BuildArgs change how the build works, if they are passed; nothing has to declare them.
var BuildArgs = []Variable{
	{"SOURCE_DATE_EPOCH", "the time, in seconds since 1970, that image and layers get, so that builds can be compared"},
	{"BUILDKIT_BUILD_NAME", "the name of the build in `docker buildx history`"},
	{"BUILDKIT_CACHE_MOUNT_NS", "what the ids of cache mounts begin with"},
	{"BUILDKIT_CONTEXT_KEEP_GIT_DIR", "keeps `.git` in a git context"},
	{"BUILDKIT_DOCKERFILE_CHECK", "what `# check=` says, for all files"},
	{"BUILDKIT_GIT_ADVICE", "shows git's advice in the log"},
	{"BUILDKIT_INLINE_CACHE", "puts the cache's metadata into the image"},
	{"BUILDKIT_MULTI_PLATFORM", "makes an image of several platforms also for one"},
	{"BUILDKIT_SANDBOX_HOSTNAME", "the name of the host that RUN sees"},
	{"BUILDKIT_SYNTAX", "the frontend, instead of what `# syntax=` says"},
	{"BUILDKIT_SBOM_SCAN_CONTEXT", "scans the build context for the list of packages"},
	{"BUILDKIT_SBOM_SCAN_STAGE", "scans this stage for the list of packages"},
}

// FindVariable is the variable of a list by its name; nil if the list has none such. Proxies may be in lower case.
func FindVariable(list []Variable, name string) *Variable {
	for i := range list {
		if v := &list[i]; v.Name == name || strings.HasSuffix(v.Name, "_PROXY") && strings.ToLower(v.Name) == name {
			return v
		}
	}
	return nil
}

// Predefined reports whether a build may pass the argument though no ARG declares it.
func Predefined(name string) bool {
	upper := strings.ToUpper(name)
	return strings.HasPrefix(upper, "BUILDKIT_") || FindVariable(BuildArgs, upper) != nil || FindVariable(ProxyArgs, upper) != nil
}

// OfBuilder reports whether the name has a meaning for the builder, so that it cannot be another one.
func OfBuilder(name string) bool {
	return strings.HasPrefix(name, "BUILDKIT_") || FindVariable(PlatformArgs, name) != nil || FindVariable(ProxyArgs, name) != nil || FindVariable(BuildArgs, name) != nil
}

// MeansRerun reports whether the name of an argument says that it may be there to make RUNs run again, so that it does its
// work although nothing reads it: CACHEBUST, BUILD_DATE.
func MeansRerun(name string) bool {
	name = strings.ToUpper(name)
	return slices.ContainsFunc([]string{"CACHE", "BUST", "REFRESH", "DATE", "TIME", "NONCE", "REBUILD", "FORCE"}, func(part string) bool { return strings.Contains(name, part) })
}

// Modifier is what may stand behind the name in ${name…}.
type Modifier struct {
	Text string // behind the name
	Word string // what stands behind the modifier
	Doc  string
}

// Modifiers are all that BuildKit knows. A shell knows more.
var Modifiers = []Modifier{
	{":-", "word", "the word, if the variable is unset or empty"},
	{"-", "word", "the word, if the variable is unset"},
	{":+", "word", "the word, if the variable is set and not empty; else nothing"},
	{"+", "word", "the word, if the variable is set; else nothing"},
	{":?", "message", "fails the build with the message, if the variable is unset or empty"},
	{"?", "message", "fails the build with the message, if the variable is unset"},
	{"#", "pattern", "the value without the shortest beginning that matches"},
	{"##", "pattern", "the value without the longest beginning that matches"},
	{"%", "pattern", "the value without the shortest end that matches"},
	{"%%", "pattern", "the value without the longest end that matches"},
	{"/", "pattern/text", "the value, its first match replaced"},
	{"//", "pattern/text", "the value, all matches replaced"},
}
