package images

import (
	"regexp"
	"slices"
	"strings"
)

// TagMoves reports whether a tag stands for other versions as time goes by: a channel such as lts, or a
// flavour without a version such as alpine. Names of releases, such as bookworm or noble, stay what they
// are. Of other words nothing is known.
func TagMoves(tag string) bool {
	parts := strings.FieldsFunc(strings.ToLower(tag), func(r rune) bool { return r == '-' || r == '_' || r == '.' })
	if len(parts) == 0 {
		return false
	}
	channel := slices.ContainsFunc(parts, func(part string) bool { return channels[part] })
	if channel {
		return !slices.ContainsFunc(parts, version.MatchString)
	}
	return !slices.ContainsFunc(parts, func(part string) bool { return !flavours[part] })
}

// TagIsChannel reports whether a tag that moves names what it follows, such as lts or mainline: somebody chose that,
// as nobody chooses latest.
func TagIsChannel(tag string) bool {
	parts := strings.FieldsFunc(strings.ToLower(tag), func(r rune) bool { return r == '-' || r == '_' || r == '.' })
	return TagMoves(tag) && slices.ContainsFunc(parts, func(part string) bool { return channels[part] && part != "latest" })
}

// TagRolls reports whether a tag that moves stands for what never comes to rest, such as sid, edge or nightly: who names it wants
// each change.
func TagRolls(tag string) bool {
	parts := strings.FieldsFunc(strings.ToLower(tag), func(r rune) bool { return r == '-' || r == '_' || r == '.' })
	return TagMoves(tag) && slices.ContainsFunc(parts, func(part string) bool { return rolling[part] })
}

// rolling are the channels that have no releases.
var rolling = set(`canary edge nightly rawhide sid snapshot testing tip trunk tumbleweed unstable`)

// version matches the part of a tag that a version or a date begins with, or the hash of a commit.
var version = regexp.MustCompile(`^v?[0-9]|^(sha)?[0-9a-f]{7,}$`)

// channels are the parts of tags that follow what is published.
var channels = set(`alpha beta canary current dev devel develop edge experimental head insiders latest lts main mainline master
	next nightly oldoldstable oldstable preview rawhide rc rolling sid snapshot stable testing tip trunk tumbleweed unstable`)

// flavours are the parts of tags that say what is in an image, and nothing of its version.
var flavours = set(`alpine apache browsers cli debian debug default dind fat fedora fpm full git glibc headless jdk jre
	management micro minimal musl nanoserver nonroot onbuild otel perl rootless slim ubuntu uclibc windowsservercore zts`)

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, word := range strings.Fields(words) {
		m[word] = true
	}
	return m
}
