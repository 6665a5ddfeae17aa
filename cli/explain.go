package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"layerwise/build/cache"
	"layerwise/cli/report"
	"layerwise/cli/terminal"
	"layerwise/workspace"

	"github.com/spf13/cobra"
)

const explainLong = `Explain every instruction of a Dockerfile: the layer that it makes, what its cache
key is made of, and what reruns when it changes. Without Docker.

With --log, the log of a build (docker buildx build --progress=rawjson or plain) adds
how long each step took, and which were cached.

--format svg draws the stages as columns and their steps as blocks; --line colours
what reruns when that line changes.`

const explainExample = `  layerwise explain
  layerwise explain api/Dockerfile --format json
  layerwise explain --format svg --line 12 > picture.svg
  docker buildx build --progress=rawjson . 2> build.log; layerwise explain --log build.log`

// explain is one run of the command.
type explain struct {
	*build
	line int // of the change to draw; 0 for none
}

// ExplainCommand is the command that explains a Dockerfile.
func ExplainCommand() *cobra.Command {
	e := &explain{build: newBuild()}
	cmd := &cobra.Command{
		Use: "explain [Dockerfile]", Short: "Explain the layers and the cache of a Dockerfile", Long: explainLong, Example: explainExample,
		Args: cobra.MaximumNArgs(1),
		RunE: e.reports(e.run),
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	e.addFlags(cmd)
	flags.IntVar(&e.line, "line", 0, "with --format svg: the `line` of a change, to colour what reruns")
	flags.StringVar(&e.Format, "format", "text", "of the report: text, json or svg")
	return cmd
}

func (e *explain) run(ctx context.Context) error {
	if err := e.start(); err != nil {
		return err
	}
	if e.given.all {
		return e.runAll(ctx)
	}
	page, err := e.one(ctx)
	if err != nil {
		return err
	}
	switch e.Format {
	case "json":
		_, err = fmt.Fprintf(e.streams.Out, "%s\n", report.JSON(page))
	case "svg":
		err = e.picture(page)
	default:
		_, err = io.WriteString(e.streams.Out, e.text(page))
	}
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

// jsonExplanations is the JSON of all builds.
type jsonExplanations struct {
	Builds []jsonBuildExplanation `json:"builds"`
}

type jsonBuildExplanation struct {
	Build string `json:"build"`
	explained
}

// runAll explains each build of the Dockerfile that differs from the others.
func (e *explain) runAll(ctx context.Context) error {
	if e.Format == "svg" {
		return errors.New("--format svg draws one build: choose it with --build instead of --all-builds")
	}
	snapshot, _, err := e.snapshot(ctx, e.abs(e.file()), "")
	if err != nil && !errors.Is(err, errNoFolder) { // which is told of the build that it is about
		return err
	}
	var list []workspace.Build
	for _, b := range snapshot.Builds() {
		if !slices.ContainsFunc(list, b.Alike) {
			list = append(list, b)
		}
	}
	all := jsonExplanations{}
	var text strings.Builder
	for i, b := range list {
		e.Build.Build = b.Name
		page, err := e.one(ctx)
		if err != nil {
			return err
		}
		all.Builds = append(all.Builds, jsonBuildExplanation{b.Name, page})
		if i > 0 {
			text.WriteByte('\n')
		}
		if words := b.Words(); words != "" {
			text.WriteString(e.screen.Paint(terminal.Bold, terminal.Escape(words)) + "\n")
		}
		text.WriteString(e.text(page))
	}
	if e.Format == "json" {
		_, err = fmt.Fprintf(e.streams.Out, "%s\n", report.JSON(all))
	} else {
		_, err = io.WriteString(e.streams.Out, text.String())
	}
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

// one explains the build that is chosen.
func (e *explain) one(ctx context.Context) (page explained, err error) {
	name := e.show(e.abs(e.file()))
	snapshot, _, err := e.snapshot(ctx, e.abs(e.file()), "")
	switch {
	case errors.Is(err, errNoFolder):
		e.note(err.Error()) // all but the files can be told
	case err != nil:
		return page, err
	}
	subject := snapshot.Subject(ctx)
	subject.Options = e.options(subject.Options, nil)
	for _, name := range slices.Sorted(maps.Keys(e.chosen.Contexts)) {
		if err := e.addContext(ctx, &subject, name, e.chosen.Contexts[name], nil); err != nil {
			return page, err
		}
	}
	b, err := cache.Predict(ctx, subject)
	if missing := (*cache.NotFoundError)(nil); errors.As(err, &missing) {
		// The rest can be told all the same.
		e.note(e.placed(err, name).Error())
		subject.Trees = nil // nothing is known of the files
		b, err = cache.Predict(ctx, subject)
	}
	if err != nil {
		return page, e.placed(err, name)
	}
	if e.log != "" {
		if e.times, err = e.readLog(subject.Graph, b.Graph); err != nil {
			return page, err
		}
	}
	return e.page(filepath.ToSlash(name), subject.Graph, b), nil
}
