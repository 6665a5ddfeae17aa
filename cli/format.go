package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"layerwise/cli/terminal"
	"layerwise/dockerfile/syntax"
	"layerwise/language/formatting"

	"github.com/spf13/cobra"
)

const formatLong = `Format Dockerfiles: blanks, blank lines, indentation and the case of keywords.

No step gets another cache key and the image stays what it is. The indentation inside a RUN,
and the bodies of heredocs, are part of the key: they stay as they are. What comes after a
syntax error stays too. These comments keep text as it is:

  # layerwise format: off ... # layerwise format: on
  # fmt: off ... # fmt: on
  # dockerfmt-ignore            the next instruction

How to format is said by format: in .layerwise.yaml, and the indentation by .editorconfig too.

PATH is a file, a folder, a pattern, or - for standard input, as for check. Without an option,
the files are rewritten, and standard input goes to standard output.

Exit code: 0 if all is formatted, 1 if --check or --diff found a file that is not, 2 if
something could not be read or written.`

// formatOptions say what to do with the files that are not formatted.
type formatOptions struct {
	check, diff, write bool
	color              string
}

// FormatCommand is the format command.
func FormatCommand() *cobra.Command {
	var opts formatOptions
	var path string
	cmd := &cobra.Command{
		Use:   "format [PATH...]",
		Short: "Format Dockerfiles, without changing what they build",
		Long:  formatLong,
		Example: `  layerwise format
  layerwise format --check services
  layerwise format - < Dockerfile`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := oneOf("--color", opts.color, "auto", "always", "never"); err != nil {
				return err
			}
			r := &runner{
				Options: Options{Paths: args, Path: path, Format: "text", Color: opts.color},
				streams: Streams{In: cmd.InOrStdin(), Out: cmd.OutOrStdout(), Err: cmd.ErrOrStderr()},
			}
			if code := r.format(cmd.Context(), opts); code != Clean {
				return ExitCode(code)
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.BoolVar(&opts.check, "check", false, "name the files that are not formatted, and write nothing")
	flags.BoolVar(&opts.diff, "diff", false, "show what would change, as a patch, and write nothing")
	flags.BoolVar(&opts.write, "write", false, "rewrite the files, which is the default")
	flags.StringVar(&opts.color, "color", "auto", "`when` to use colours: auto, always or never")
	flags.StringVar(&path, "path", "", "with -: the `path` of the Dockerfile that standard input stands for")
	cmd.MarkFlagsMutuallyExclusive("check", "diff", "write")
	return cmd
}

// format formats what the options name, a file after the other, and returns the exit code.
func (r *runner) format(ctx context.Context, opts formatOptions) (exitCode int) {
	if err := r.prepare(); err != nil {
		r.fail(err)
		return Failed
	}
	targets, errs := r.find(ctx)
	for _, err := range errs {
		r.fail(err)
	}
	unformatted := false
	for _, t := range targets {
		if ctx.Err() != nil {
			r.fail(errors.New("interrupted"))
			return Failed
		}
		changed, err := r.formatTarget(ctx, t, opts)
		if err != nil {
			r.fail(fmt.Errorf("%s: %w", t.name, plain(err)))
		}
		unformatted = unformatted || changed
	}
	switch {
	case r.failed:
		return Failed
	case unformatted && (opts.check || opts.diff):
		return Findings
	}
	return Clean
}

// formatTarget formats one file, and reports whether it was not formatted.
func (r *runner) formatTarget(ctx context.Context, t target, opts formatOptions) (changed bool, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = internalError(t.name, v)
		}
	}()
	src, err := r.read(ctx, t)
	if err != nil {
		return false, err
	}
	cfg, _, err := r.config(t)
	if err != nil {
		r.fail(err)
	}
	after := formatting.Apply(syntax.Parse(src), formatting.Options(cfg.FormatOf(t.abs)))
	changed = after != src
	out := ""
	c := change{name: t.name, path: t.abs, root: t.root, before: src, after: after}
	switch {
	case opts.check && changed:
		out = terminal.Escape(t.name) + "\n"
	case opts.diff && changed:
		out = string(r.diff(c))
	case opts.check, opts.diff:
	case t.stdin:
		out = after
	case changed:
		return true, write([]change{c})
	}
	if _, err := io.WriteString(r.streams.Out, out); err != nil {
		return changed, fmt.Errorf("writing standard output: %w", err)
	}
	return changed, nil
}
