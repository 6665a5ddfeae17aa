package sources

import (
	"fmt"
	"slices"
	"strings"
)

// Export says how much of the build cache a build hands on to builds elsewhere.
type Export string

// The exports.
const (
	ExportNone   Export = ""       // nothing, or only the run knows
	ExportResult Export = "min"    // the steps whose layers are in the result
	ExportInline Export = "inline" // the same, in the image itself
	ExportAll    Export = "max"    // all steps
)

// inlineCache is the argument that has the cache exported inline.
const inlineCache = "BUILDKIT_INLINE_CACHE"

// exportOf is what the values of cache-to say together: the one with most counts. It is ExportNone if a part of them that
// decides is known only when it runs.
//
// Source: the pages on cache backends in the documentation of Docker, and util/buildflags/cache.go of buildx.
func exportOf(values []string) (e Export) {
	order := []Export{ExportNone, ExportInline, ExportResult, ExportAll}
	known := true
	for _, value := range values {
		one, ok := oneExport(value)
		known = known && ok
		if slices.Index(order, one) > slices.Index(order, e) {
			e = one
		}
	}
	if !known && e != ExportAll {
		return ExportNone
	}
	return e
}

// oneExport reads one value of cache-to: "type=gha,mode=max", or the name of an image.
func oneExport(value string) (e Export, known bool) {
	fields, rest := csvRecord(value)
	switch {
	case rest != "":
		return ExportNone, false
	case strings.TrimSpace(value) == "":
		return ExportNone, true
	}
	kind, mode := "registry", "min"
	for _, field := range fields {
		name, text, has := strings.Cut(field, "=")
		switch name = strings.ToLower(strings.TrimSpace(name)); {
		case !isKnown(name) && (has || len(fields) > 1 || strings.HasPrefix(name, unknown)):
			return ExportNone, false // it may be any field
		case name == "type":
			kind = strings.TrimSpace(text)
		case name == "mode":
			mode = strings.TrimSpace(text)
		}
	}
	switch {
	case !isKnown(kind + mode):
		return ExportNone, false
	case kind == "inline":
		return ExportInline, true
	case mode == "max":
		return ExportAll, true
	}
	return ExportResult, true
}

// exports takes in what values of cache-to say, at a place. Without it, an argument may have the cache exported inline.
func (b *Build) exports(values []string, at Text) {
	if b.Export = exportOf(values); b.Export != ExportNone {
		at.Text = ""
		b.At.Export = at
	}
}

// ExportedAt is how messages name the place that says what is exported; "" if nothing is.
func (b *Build) ExportedAt() string {
	at := b.At.Export
	switch {
	case b.Export == ExportNone:
		return ""
	case at.Line == 0:
		return b.Place.File
	}
	return fmt.Sprintf("line %d of %s", at.Line, at.File)
}

// exportsInline takes in the argument that has the cache exported inline, unless more is exported.
func (b *Build) exportsInline() {
	if value := b.Args[inlineCache]; b.Export == ExportNone && value != nil && (*value == "1" || strings.EqualFold(*value, "true")) {
		b.Export, b.At.Export = ExportInline, b.At.Args[inlineCache]
	}
}
