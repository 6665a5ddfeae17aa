package grammar

import (
	"slices"
	"strings"
)

// Directive is a parser directive: a comment before everything else, "# name=value". Each may be given once, its
// name in any case.
type Directive struct {
	Name   string
	Values []string // all that there are, or some that are common
	Keys   []Key    // of check, whose value is made of key=value, separated by ";"
	Doc    string
}

// Key is a part of the value of a directive.
type Key struct {
	Name   string
	Rules  bool     // a list of rules, separated by commas, or one of Values
	Values []string // all that there are but rules
	Doc    string
}

// Directives are all parser directives.
var Directives = []Directive{
	{Name: "syntax", Values: []string{"docker/dockerfile:1"}, Doc: "the frontend that reads this file. `docker/dockerfile:1` is the newest stable one, so that new flags work with an old builder"},
	{Name: "check", Keys: []Key{
		{Name: "skip", Rules: true, Values: []string{"all"}, Doc: "rules of `docker build --check` that are not applied, or `all`"},
		{Name: "error", Values: []string{"true", "false"}, Doc: "whether a finding fails the build"},
		{Name: "experimental", Rules: true, Values: []string{"all"}, Doc: "experimental rules that are applied, or `all`"},
	}, Doc: "how `docker build --check` checks this file"},
	{Name: "escape", Values: []string{"`", `\`}, Doc: "the character that escapes, and at its end continues a line; the backtick is for Windows paths"},
}

// FindDirective is the directive of a name in lower case; nil if there is none.
func FindDirective(name string) *Directive {
	for i := range Directives {
		if Directives[i].Name == name {
			return &Directives[i]
		}
	}
	return nil
}

// CheckRule is a rule of BuildKit's own checks, which "# check=skip=…" names.
type CheckRule struct {
	Name         string
	Experimental bool
	Doc          string
}

// CheckRules are BuildKit's rules, sorted by their names.
var CheckRules = []CheckRule{
	{"ConsistentInstructionCasing", false, "all instructions are in upper case, or all in lower case"},
	{"CopyIgnoredFile", false, "COPY and ADD name no file that `.dockerignore` leaves out"},
	{"DuplicateStageName", false, "each stage has a name of its own"},
	{"ExposeInvalidFormat", false, "EXPOSE names no address and no port of the host"},
	{"ExposeProtoCasing", false, "the protocol of EXPOSE is in lower case"},
	{"FromAsCasing", false, "FROM and AS are both in upper or both in lower case"},
	{"FromPlatformFlagConstDisallowed", false, "`FROM --platform` has no fixed value"},
	{"InvalidBaseImagePlatform", false, "the base image is there for the platform of the build"},
	{"InvalidDefaultArgInFrom", false, "FROM has a valid image also with the defaults of ARG"},
	{"InvalidDefinitionDescription", true, "the comment on a stage or ARG begins with its name"},
	{"JSONArgsRecommended", false, "ENTRYPOINT and CMD have the JSON form, so that signals arrive"},
	{"LegacyKeyValueFormat", false, "ENV and LABEL are written as name=value"},
	{"MaintainerDeprecated", false, "a label says who maintains the image, not MAINTAINER"},
	{"MultipleInstructionsDisallowed", false, "a stage has one CMD, one ENTRYPOINT and one HEALTHCHECK"},
	{"NoEmptyContinuation", false, "an instruction has no empty lines inside"},
	{"RedundantTargetPlatform", false, "`FROM --platform=$TARGETPLATFORM` is the default"},
	{"ReservedStageName", false, "no stage is called scratch or context"},
	{"SecretsUsedInArgOrEnv", false, "ARG and ENV hold no secrets"},
	{"StageNameCasing", false, "names of stages are in lower case"},
	{"UndefinedArgInFrom", false, "FROM uses only ARGs that are declared"},
	{"UndefinedVar", false, "variables are declared before they are used"},
	{"WorkdirRelativePath", false, "WORKDIR is absolute"},
}

// RulePage is the address of the page of one of BuildKit's rules; "" if there is none.
func RulePage(name string) string {
	i := slices.IndexFunc(CheckRules, func(r CheckRule) bool { return r.Name == name })
	if i < 0 || name == "InvalidBaseImagePlatform" { // which has none
		return ""
	}
	var slug strings.Builder
	for i := range len(name) {
		c := name[i]
		isUpper := func(n int) bool { return n < len(name) && name[n] <= 'Z' }
		// A new word begins, unless this is a letter in the middle of "JSON".
		if i > 0 && isUpper(i) && (!isUpper(i-1) || i+1 < len(name) && !isUpper(i+1)) {
			slug.WriteByte('-')
		}
		slug.WriteByte(c | 0x20)
	}
	return "https://docs.docker.com/go/dockerfile/rule/" + slug.String() + "/"
}
