package server

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"layerwise/build/files"
	"layerwise/build/sources"
	"layerwise/diagnostics/catalog"
	"layerwise/internal/words"
	"layerwise/language"
	"layerwise/workspace"

	"go.lsp.dev/uri"
)

// document is the state of a document for the features of the language service.
func (s *Server) document(ctx context.Context, snapshot *workspace.Snapshot) *language.Document {
	doc := &language.Document{
		Path: snapshot.Path, File: snapshot.File, Graph: snapshot.Graph(),
		Listed:  func() *files.Context { return snapshot.Context(ctx) },
		Doubts:  func() bool { return snapshot.ContextDoubted(ctx) },
		BuiltBy: func() []language.Build { return buildsOf(snapshot) },
		Maker:   makerOf(snapshot),
		Known:   func() []language.Image { return imagesOf(snapshot) },
		IDs:     func() []language.MountID { return idsOf(snapshot) },
		Rules:   rules,
		Read:    s.read,
	}
	if builds := snapshot.Builds(); len(builds) > 0 {
		doc.Contexts = slices.Sorted(maps.Keys(builds[0].Contexts))
	}
	return doc
}

// maxSource bounds the bytes of a file of the workspace that is looked into for a name.
const maxSource = 1 << 20

// read is the text of a file, as it stands in the editor or on disk.
func (s *Server) read(path string) (src string, ok bool) {
	if src, open := s.workspace.OpenText(path); open {
		return src, true
	}
	src, err := files.ReadRegular(filepath.Dir(path), filepath.Base(path), maxSource)
	return src, err == nil && !strings.Contains(src, "\x00")
}

// buildsOf are the builds that files of the workspace say.
func buildsOf(snapshot *workspace.Snapshot) (list []language.Build) {
	for _, b := range snapshot.Builds() {
		if b.Source.Kind != workspace.FromSource {
			continue
		}
		context, kind := b.ContextWords()
		of := language.Build{
			Source: sourceOf(b.Found(), b.Source.File), Context: context, Kind: kind,
			Target: b.Target, TargetAt: language.Line{Path: b.TargetAt.File, Line: b.TargetAt.Line}, Secrets: b.Found().Secrets, SSH: b.Found().SSH, Platforms: b.Found().Platforms, Args: shown(b.Args), Unknown: b.Unknown, Unsure: b.Unsure,
		}
		for name := range b.Contexts {
			if of.Contexts == nil {
				of.Contexts = map[string]language.NamedContext{}
			}
			at := b.ContextsAt[name]
			of.Contexts[name] = language.NamedContext{Of: b.Found().Contexts[name], At: language.Line{Path: at.File, Line: at.Line}}
		}
		for name := range b.Args {
			if _, seen := of.Args[name]; !seen {
				of.Hidden = append(of.Hidden, name)
			}
		}
		list = append(list, of)
	}
	return list
}

func makerOf(snapshot *workspace.Snapshot) func(image string) (language.Made, bool) {
	return func(image string) (language.Made, bool) {
		b, root, ok := snapshot.Maker(image)
		if !ok {
			return language.Made{}, false
		}
		return language.Made{Source: sourceOf(b, filepath.Join(root, filepath.FromSlash(b.Place.File))), Dockerfile: b.Dockerfile}, true
	}
}

// sourceOf is the place of a build, with a link to its line.
func sourceOf(b sources.Build, abs string) language.Source {
	file, unit, name := workspace.WhoBuilds(b)
	return language.Source{File: file, Link: fmt.Sprintf("%s#L%d", uri.File(abs), max(1, b.Place.Line)), Path: abs, Line: max(1, b.Place.Line), Unit: unit, Name: name}
}

func imagesOf(snapshot *workspace.Snapshot) (list []language.Image) {
	for _, image := range snapshot.Images() {
		list = append(list, language.Image(image))
	}
	return list
}

func idsOf(snapshot *workspace.Snapshot) (list []language.MountID) {
	for _, id := range snapshot.MountIDs() {
		list = append(list, language.MountID(id))
	}
	return list
}

// rules are those that comments may name, with the first sentence of their pages.
func rules() (list []language.Rule) {
	for _, r := range catalog.Rules() {
		if r.Always {
			continue
		}
		_, rest, _ := strings.Cut(r.Page, "\n\n")
		summary, _, _ := strings.Cut(rest, "\n\n")
		list = append(list, language.Rule{ID: r.Name, Doc: words.Shorten(strings.TrimSuffix(strings.Join(strings.Fields(summary), " "), "."), 100), Hadolint: r.Hadolint})
	}
	return list
}
