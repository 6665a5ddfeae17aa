package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"layerwise/build/cache"
	"layerwise/build/files"
	"layerwise/dockerfile/names"
	"layerwise/dockerfile/stages"

	"github.com/spf13/cobra"
)

const impactLong = `Predict what the next build reruns, and why, without Docker.

The next build is compared with an earlier one, as if the daemon had done that one and
nothing else:

  --since REV            the working tree with a revision of git
  --changed PATH...      the working tree with itself, after a change of these files
  --before DIR --after DIR   two folders, each a build context with its Dockerfile

Without a Dockerfile, --since and --changed answer for all builds of the git repository, or,
where there is none, of the working directory and what lies below it.

What git ignores is taken to be as it was. Images, URLs and git repositories are taken
to stay as they are: nothing is looked up. "depends" means: cached if the files that
the step takes from another stage come out as they were.

Exit code: 0; 1 if --fail-on-rebuild matches a step that reruns; 2 if something
could not be read or is no valid Dockerfile.`

const impactExample = `  layerwise impact --since main
  layerwise impact --since HEAD~1 --fail-on-rebuild 'npm ci' api/Dockerfile
  layerwise impact --since "$(git merge-base origin/main HEAD)"
  layerwise impact --since main --log build.log
  layerwise impact --changed src/app.py README.md
  layerwise impact --before old --after new --build-arg VERSION=2 --build-arg-before VERSION=1`

// impact is one run of the command.
type impact struct {
	*build        // of now; the Dockerfile is relative to before and after
	before, after string
	since         string
	changed       []string
	argsBefore    map[string]string
	otherContexts map[string]string // named contexts of the state before, where they were others
	failOn        []*regexp.Regexp
	graph         *stages.Graph // of the state after
	among         *hiding       // of all builds, if the question is about them
}

// ImpactCommand is the command that says what a change reruns.
func ImpactCommand() *cobra.Command {
	m := &impact{build: newBuild()}
	var argsBefore, otherContexts, patterns []string
	cmd := &cobra.Command{
		Use: "impact [Dockerfile or, with --changed, more files]", Short: "Say what a change reruns, and why", Long: impactLong, Example: impactExample,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			args = m.moreChanged(args)
			if err := cobra.MaximumNArgs(1)(cmd, args); err != nil {
				return err
			}
			if err := m.parse(cmd, args, "text", "json"); err != nil {
				return err
			}
			m.rooted = m.before != ""
			if m.argsBefore, err = parseBuildArgs(argsBefore); err != nil {
				return err
			}
			if m.otherContexts, err = parseContexts("--build-context-before", otherContexts); err != nil {
				return err
			}
			for _, p := range patterns {
				re, err := regexp.Compile(p)
				if err != nil {
					return fmt.Errorf("--fail-on-rebuild %q is not a regular expression: %w", p, err)
				}
				m.failOn = append(m.failOn, re)
			}
			if code := m.run(cmd.Context()); code != Clean {
				return ExitCode(code)
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&m.since, "since", "", "compare the working tree with this `revision` of git")
	flags.StringSliceVar(&m.changed, "changed", nil, "ask what a change of these `files` or folders would do")
	flags.StringVar(&m.before, "before", "", "`folder` with the state before: a build context with its Dockerfile")
	flags.StringVar(&m.after, "after", "", "`folder` with the state after")
	flags.StringVar(&m.dockerfile, "file", "", "the Dockerfile (default: Dockerfile); with --before and --after it and --context are relative to each of them")
	m.addFlags(cmd)
	flags.StringArrayVar(&argsBefore, "build-arg-before", nil, "`NAME=VALUE` of a build argument of the state before, where it was another one")
	flags.StringArrayVar(&otherContexts, "build-context-before", nil, "`NAME=FOLDER` of a named context of the state before, where it was another one")
	flags.StringArrayVar(&patterns, "fail-on-rebuild", nil, "exit with 1 if a step reruns whose text matches this regular `expression`")
	flags.StringVar(&m.Format, "format", "text", "of the report: text or json")
	return cmd
}

// moreChanged takes the arguments that are no Dockerfiles for changed files, if --changed gives the first of them, and
// returns the others.
func (m *impact) moreChanged(args []string) (dockerfiles []string) {
	if len(m.changed) == 0 {
		return args
	}
	for _, arg := range args {
		if names.IsDockerfile(arg) || len(args) == 1 && holdsInstructions(arg) {
			dockerfiles = append(dockerfiles, arg)
		} else {
			m.changed = append(m.changed, arg)
		}
	}
	return dockerfiles
}

func holdsInstructions(file string) bool {
	src, err := readRegular(file)
	return err == nil && names.HoldsInstructions(src)
}

// run returns the exit code.
func (m *impact) run(ctx context.Context) int {
	if err := m.contradiction(); err != nil {
		m.fail(err)
		return Failed
	}
	if err := m.start(); err != nil {
		m.fail(err)
		return Failed
	}
	if known, whole := m.whole(ctx); whole {
		return m.runAll(ctx, known)
	}
	c, name, err := m.compare(ctx)
	if err != nil {
		m.fail(err)
		return Failed
	}
	if m.log != "" {
		if m.times, err = m.readLog(m.graph, c.After.Graph); err != nil {
			m.fail(err)
			return Failed
		}
	}
	if err := m.tell(name, c); err != nil {
		m.fail(fmt.Errorf("writing the report: %w", err))
		return Failed
	}
	return m.verdict(c)
}

// compare predicts the build, and gives the name of its Dockerfile.
func (m *impact) compare(ctx context.Context) (c *cache.Comparison, name string, err error) {
	var before, after cache.Subject
	var old string // the name of the Dockerfile before
	switch {
	case m.before != "":
		name = filepath.ToSlash(filepath.Join(m.after, m.file()))
		old = filepath.ToSlash(filepath.Join(m.before, m.file()))
		if before, err = m.folder(ctx, m.before); err == nil {
			after, err = m.folder(ctx, m.after)
		}
	default:
		name = m.show(m.abs(m.file()))
		old = name
		if m.since != "" {
			old += " at " + m.since
		}
		before, after, err = m.workingTree(ctx)
	}
	if err != nil {
		return nil, "", err
	}
	before.Options = m.options(before.Options, m.argsBefore)
	after.Options = m.options(after.Options, nil)
	if err := m.addContexts(ctx, &before, &after); err != nil {
		return nil, "", err
	}
	m.graph = after.Graph
	c, err = cache.Compare(ctx, before, after)
	var side *cache.SideError
	if errors.As(err, &side) && side.Side == "before" {
		if _, now := cache.Predict(ctx, after); now == nil { // else it is the same with what one has before one's eyes
			return nil, "", m.placed(err, old)
		} else {
			err = now
		}
	}
	if err == nil && m.since != "" {
		err = m.noteHistory(ctx, after)
	}
	return c, name, m.placed(err, name)
}

// contradiction says which options do not go together.
func (m *impact) contradiction() error {
	ways := 0
	for _, given := range []bool{m.since != "", len(m.changed) > 0, m.before != "" || m.after != ""} {
		if given {
			ways++
		}
	}
	switch {
	case ways == 0:
		return errors.New("what changed? Give --since REV, --changed PATH, or --before DIR and --after DIR")
	case ways > 1:
		return errors.New("--since, --changed, and --before with --after exclude one another")
	case (m.before == "") != (m.after == ""):
		return errors.New("--before and --after go together")
	}
	return nil
}

// folder is the state that a folder holds.
func (m *impact) folder(ctx context.Context, dir string) (cache.Subject, error) {
	root := m.abs(dir)
	if info, err := os.Stat(root); err != nil {
		return cache.Subject{}, fmt.Errorf("%s: %w", dir, plain(err))
	} else if !info.IsDir() {
		return cache.Subject{}, fmt.Errorf("%s is not a folder", dir)
	}
	snapshot, listed, err := m.snapshot(ctx, filepath.Join(root, filepath.FromSlash(m.file())), root)
	if err != nil {
		return cache.Subject{}, err
	}
	return m.subject(ctx, snapshot, listed), nil
}

// workingTree is the state before and after a change in the working tree.
func (m *impact) workingTree(ctx context.Context) (before, after cache.Subject, err error) {
	snapshot, listed, err := m.snapshot(ctx, m.abs(m.file()), "")
	if err != nil {
		return before, after, err
	}
	if m.since != "" {
		return m.revision(ctx, snapshot, listed)
	}
	before, after = snapshot.Subject(ctx), snapshot.Subject(ctx)
	var paths []string
	for _, p := range m.changed {
		rel, err := m.inContext(p, listed)
		if err != nil {
			return before, after, err
		}
		if listed.Ignored(rel) {
			m.tellHidden(p, listed)
			continue
		}
		paths = append(paths, rel)
	}
	tree, missing := before.Trees[cache.MainContext].Touched(paths)
	if len(missing) > 0 {
		return before, after, fmt.Errorf("%s is not in the build context %s", missing[0], m.show(listed.Root))
	}
	after.Trees[cache.MainContext] = tree
	return before, after, nil
}

// tellHidden says that a changed file is none of the build's; of several builds, when all were asked.
func (m *impact) tellHidden(p string, listed *files.Context) {
	text := p + " is hidden from the build"
	switch {
	case m.among != nil:
		m.among.hidden[p]++
		return
	case listed.Ignore != nil:
		text += " by " + listed.Ignore.Path
	}
	m.note(text + ": no change of it reruns anything")
}

// inContext is the path of a file relative to the build context. It is given relative to the working
// directory or, if there is no such file, to the context itself.
func (m *impact) inContext(p string, listed *files.Context) (string, error) {
	rel, err := filepath.Rel(listed.Root, m.abs(p))
	outside := err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator))
	rel = filepath.ToSlash(rel)
	if _, ok := listed.Lookup(rel); !outside && ok {
		return rel, nil
	}
	if _, ok := listed.Lookup(path.Clean(filepath.ToSlash(p))); ok && !filepath.IsAbs(p) {
		return path.Clean(filepath.ToSlash(p)), nil
	}
	if outside {
		return "", fmt.Errorf("%s is outside the build context %s: no change of it reruns anything", p, m.show(listed.Root))
	}
	if listed.Ignored(rel) {
		return rel, nil // what an ignored folder holds is not listed
	}
	return "", fmt.Errorf("%s is not in the build context %s", p, m.show(listed.Root))
}

// verdict is the exit code for the steps that rerun.
func (m *impact) verdict(c *cache.Comparison) int {
	for _, e := range c.Effects {
		for _, re := range m.failOn {
			if e.State == cache.Rebuilt && re.MatchString(e.Text) {
				m.note(fmt.Sprintf("line %d reruns, which --fail-on-rebuild %s forbids", e.Line, re))
				return Findings
			}
		}
	}
	return Clean
}
