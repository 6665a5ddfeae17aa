package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"layerwise/build/buildlog"
	"layerwise/build/cache"
	"layerwise/build/files"
	"layerwise/build/llb"
	"layerwise/cli/terminal"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
	"layerwise/workspace"

	"github.com/spf13/cobra"
)

// build is a Dockerfile and what the flags say of how it is built: what impact and explain have in common.
type build struct {
	*runner
	dockerfile string          // as given, empty for ./Dockerfile
	rooted     bool            // it is given where the build context is
	chosen     workspace.Build // the one that is looked at
	log        string          // of an earlier build; empty for none
	hasher     files.Hasher
	times      map[int]buildlog.Timing // by line, from the log

	given buildFlags
}

func newBuild() *build { return &build{runner: &runner{}} }

// addFlags adds the flags that say how the Dockerfile is built.
func (b *build) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	b.given.add(flags)
	flags.StringVar(&b.Config, "config", "", "configuration `file` (default: the nearest .layerwise.yaml above the Dockerfile)")
	flags.StringVar(&b.log, "log", "", "`file` with the log of an earlier build, or - for standard input, to show how long steps took")
	flags.StringVar(&b.Color, "color", "auto", "auto, always or never")
}

// parse takes the arguments of the command. formats are those that it has.
func (b *build) parse(cmd *cobra.Command, args []string, formats ...string) (err error) {
	if len(args) > 0 {
		b.dockerfile = args[0]
	}
	b.streams = Streams{In: cmd.InOrStdin(), Out: cmd.OutOrStdout(), Err: cmd.ErrOrStderr()}
	if err := oneOf("--format", b.Format, formats...); err != nil {
		return err
	}
	if err := oneOf("--color", b.Color, "auto", "always", "never"); err != nil {
		return err
	}
	b.Build, err = b.given.read()
	return err
}

// reports is what a command does that shows one report, made by run, in any format.
func (b *build) reports(run func(context.Context) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		if err := b.parse(cmd, args, "text", "json", "svg"); err != nil {
			return err
		}
		if err := run(cmd.Context()); err != nil {
			b.fail(err)
			return ExitCode(Failed)
		}
		return nil
	}
}

// start finds out where the command runs.
func (b *build) start() (err error) {
	if b.rules, err = newRuleFilter(nil, nil); err != nil {
		return err
	}
	if b.about.Dir, err = os.Getwd(); err != nil {
		return fmt.Errorf("finding the working directory: %w", err)
	}
	b.screen = terminal.New(b.Color, b.streams.Out, b.streams.Err)
	return nil
}

func (b *build) file() string {
	if b.dockerfile == "" {
		return "Dockerfile"
	}
	return b.dockerfile
}

// options are the frontend's, with those that the flags give.
func (b *build) options(options, args map[string]string) map[string]string {
	for name, value := range args {
		options["build-arg:"+name] = value
	}
	return options
}

// snapshot is a Dockerfile as it is on disk, with its build context.
func (b *build) snapshot(ctx context.Context, dockerfile, root string) (*workspace.Snapshot, *files.Context, error) {
	t := target{name: b.show(dockerfile), abs: dockerfile, named: true}
	src, err := b.read(ctx, t)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", t.name, plain(err))
	}
	cfg, notices, err := b.config(t)
	for _, text := range notices {
		b.note(text)
	}
	if err != nil {
		return nil, nil, err
	}
	cfg = cfg.With(b.at(b.Build, root))
	cfg = cfg.Knowing(b.known(ctx, t))
	for _, p := range b.unfound(cfg) {
		b.note(p.Error())
	}
	if _, err := cfg.BuildsOf(t.abs); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", t.name, err)
	}
	snapshot := workspace.NewFileSnapshot(t.abs, src, cfg, nil)
	listed, err := b.context(ctx, snapshot, t.name)
	b.chosen = snapshot.Build(ctx)
	return snapshot, listed, err
}

// errNoFolder is that a build has a context which nobody can look into here.
var errNoFolder = errors.New("the build context is no folder of this workspace")

// context lists the build context of a snapshot.
func (b *build) context(ctx context.Context, s *workspace.Snapshot, name string) (*files.Context, error) {
	listed := s.Context(ctx)
	root := b.show(s.ContextRoot(ctx))
	switch err := s.ContextError(ctx); {
	case ctx.Err() != nil:
		return nil, errors.New("interrupted")
	case err != nil:
		return nil, fmt.Errorf("%s: the build context %s: %w", name, root, plain(err))
	case listed == nil && s.Build(ctx).Context == "":
		return nil, fmt.Errorf("%s: %w (%s); give a folder with --context", name, errNoFolder, s.Build(ctx).Words())
	case listed == nil:
		return nil, fmt.Errorf("%s: the build context would be %s, a home folder or a whole file system: give it with --context if that is right", name, root)
	case !listed.Complete():
		return nil, fmt.Errorf("%s: the build context %s is too large: %s", name, b.show(listed.Root), listed.Stop)
	}
	return listed, nil
}

// subject is a snapshot whose files count by their bytes.
func (b *build) subject(ctx context.Context, s *workspace.Snapshot, listed *files.Context) cache.Subject {
	subject := s.Subject(ctx)
	subject.Trees[cache.MainContext] = cache.NewTree(listed, &b.hasher)
	return subject
}

// placed is an error about a Dockerfile with its place in it, for people.
func (b *build) placed(err error, name string) error {
	if err == nil {
		return nil
	}
	line := cache.Place(err)
	var side *cache.SideError
	if errors.As(err, &side) {
		err = side.Err
	}
	var missing *cache.NotFoundError
	if errors.As(err, &missing) {
		hint := ""
		if b.Build.Context == "" && !b.rooted {
			hint = ". If that is another folder, give it with --context"
		}
		err = fmt.Errorf("%s is not in the build context, or is ignored: the build fails here%s", strings.TrimPrefix(missing.Path, "/"), hint)
	}
	if line == 0 {
		return fmt.Errorf("%s: %w", name, err)
	}
	return fmt.Errorf("%s:%d: %s", name, line, strings.TrimPrefix(err.Error(), fmt.Sprintf("line %d: ", line)))
}

// addContext gives a state a named context. was is how it differed from what is on disk now.
func (b *build) addContext(ctx context.Context, s *cache.Subject, name, where string, was map[string]files.Old) error {
	if workspace.Fetched(where) {
		s.Options["context:"+name] = where
		return nil
	}
	listed, err := files.Earlier(was).List(ctx, b.abs(where), files.Options{})
	switch {
	case ctx.Err() != nil:
		return errors.New("interrupted")
	case err != nil:
		return fmt.Errorf("the context %s, %s: %w", name, b.show(b.abs(where)), plain(err))
	case !listed.Complete():
		return fmt.Errorf("the context %s, %s, is too large: %s", name, b.show(b.abs(where)), listed.Stop)
	}
	s.Options["context:"+name] = "local:" + name
	if listed.Ignore != nil {
		s.Ignore[name] = []byte(listed.Ignore.Source)
	}
	s.Trees[name] = cache.NewTree(listed, &b.hasher)
	return nil
}

// readLog reads what the log of an earlier build tells of a Dockerfile.
func (b *build) readLog(g *stages.Graph, operations *llb.Graph) (map[int]buildlog.Timing, error) {
	in := b.streams.In
	if b.log != "-" {
		f, err := os.Open(b.abs(b.log))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", b.log, plain(err))
		}
		defer f.Close()
		in = f
	}
	builds, err := buildlog.Read(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.log, plain(err))
	}
	times, err := buildlog.Match(builds, g, operations)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.log, err)
	}
	if len(times.Strange) > 0 {
		b.note(fmt.Sprintf("the Dockerfile has changed since %s: it has no instruction for %s", b.log, words.Some(times.Strange)))
	}
	return times.Lines, nil
}

// seconds is how long an instruction took when it ran last; nil if the log does not tell.
func (b *build) seconds(line int) *float64 {
	t, ok := b.times[line]
	if !ok || t.Took == 0 && t.State != buildlog.Done {
		return nil
	}
	took := t.Took.Seconds()
	return &took
}

func (b *build) note(text string) {
	fmt.Fprintf(b.streams.Err, "layerwise: %s\n", terminal.Escape(text))
}
