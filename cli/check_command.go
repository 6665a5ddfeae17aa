package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"layerwise/build/shellcheck"
	"layerwise/cli/report"
	"layerwise/diagnostics"
	"layerwise/internal/words"

	"github.com/spf13/cobra"
)

// ExitCode is the error of a command that has said all there is to say.
type ExitCode int

func (c ExitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

const checkLong = `Check Dockerfiles: report what is wrong, what it costs and how to fix it.

PATH is a file, a folder, a pattern such as 'services/**/*.Dockerfile', or - for standard
input. Without a PATH, the current folder is checked. In a folder, files called Dockerfile,
Dockerfile.*, Dockerfile-*, *.dockerfile or *Dockerfile are found, and the same with
Containerfile, except where git ignores them, templates, and what npm and go keep of others.

The report goes to standard output in the format that --format names, and to each file that
--output names in a format of its own:

%s
A baseline is a list of findings that are known. With --baseline, only others are reported,
fixed and counted. It knows them by rule and line, so that they may move.

Exit code: 0 if nothing is found at or above --fail-level, 1 if something is, 2 if
something could not be read, checked or written.`

const checkExample = `  layerwise check
  layerwise check --diff services/api
  layerwise check --fix --only cache Dockerfile
  layerwise check --path docker/Dockerfile - < Dockerfile.new
  layerwise check --format github --output sarif=layerwise.sarif
  layerwise check --write-baseline known.json && layerwise check --baseline known.json`

// CheckCommand is the check command.
func CheckCommand() *cobra.Command {
	var opts Options
	var failLevel string
	var build buildFlags
	cmd := &cobra.Command{
		Use:     "check [PATH...]",
		Short:   "Check Dockerfiles, and fix them",
		Long:    fmt.Sprintf(checkLong, report.Help()),
		Example: checkExample,
		RunE: func(cmd *cobra.Command, args []string) error {
			level, ok := diagnostics.ParseSeverity(failLevel)
			if !ok {
				return fmt.Errorf("--fail-level must be error, warning, info, hint, or off for never, not %q", failLevel)
			}
			if err := oneOf("--color", opts.Color, "auto", "always", "never"); err != nil {
				return err
			}
			var err error
			if opts.Build, err = build.read(); err != nil {
				return err
			}
			opts.Paths, opts.FailLevel, opts.Version = args, level, cmd.Root().Version
			opts.Scripts = shellcheck.Look()
			defer opts.Scripts.Close()
			code := Check(cmd.Context(), opts, Streams{In: cmd.InOrStdin(), Out: cmd.OutOrStdout(), Err: cmd.ErrOrStderr()})
			if code != Clean {
				return ExitCode(code)
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.BoolVar(&opts.Fix, "fix", false, "apply the fixes that are proven to keep the image as it is")
	flags.BoolVar(&opts.Suggested, "suggested", false, "with --fix or --diff: also apply fixes that are only suggested")
	flags.BoolVar(&opts.Diff, "diff", false, "show what --fix would do, as a patch, and write nothing")
	flags.StringSliceVar(&opts.Only, "only", nil, "check only these `rules`, codes or families, separated by commas")
	flags.StringSliceVar(&opts.Skip, "skip", nil, "leave out these `rules`, codes or families")
	flags.StringVar(&failLevel, "fail-level", "warning", "the least `severity` that makes the exit code 1: error, warning, info, hint, or off for never")
	flags.StringVar(&opts.Format, "format", "text", "the report's `format`: "+words.Alternatives(report.Names(), "or"))
	flags.StringArrayVarP(&opts.Outputs, "output", "o", nil, "also write a report to a file, `FORMAT=FILE`; FILE alone takes the place of standard output; may be repeated")
	flags.StringVar(&opts.Baseline, "baseline", "", "leave out the findings that this `file` lists")
	flags.StringVar(&opts.WriteBaseline, "write-baseline", "", "list all findings in a `file` for --baseline")
	flags.BoolVar(&opts.Statistics, "statistics", false, "also count the findings of each rule (text, json, markdown)")
	flags.StringVar(&opts.Color, "color", "auto", "`when` to use colours: auto, always or never")
	flags.StringVar(&opts.Path, "path", "", "with -: the `path` of the Dockerfile that standard input stands for")
	flags.StringVar(&opts.Config, "config", "", "configuration `file` (default: the nearest .layerwise.yaml above each Dockerfile)")
	build.add(flags)
	flags.IntVar(&opts.Jobs, "jobs", 0, "check `n` files at a time (default: one a processor)")
	return cmd
}

func oneOf(flag, value string, allowed ...string) error {
	for _, a := range allowed {
		if value == a {
			return nil
		}
	}
	return fmt.Errorf("%s must be %s, not %q", flag, words.Alternatives(allowed, "or"), value)
}

// parseBuildArgs reads them as docker build does.
func parseBuildArgs(args []string) (map[string]string, error) {
	values := map[string]string{}
	for _, arg := range args {
		name, value, ok := strings.Cut(arg, "=")
		if name == "" {
			return nil, errors.New("--build-arg needs a name")
		}
		if !ok {
			if value, ok = os.LookupEnv(name); !ok {
				continue // docker build leaves it unset too
			}
		}
		values[name] = value
	}
	return values, nil
}
