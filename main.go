// Layerwise checks Dockerfiles: as a language server in an editor, and on the command line.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"

	"layerwise/build/shellcheck"
	"layerwise/cli"
	"layerwise/cli/terminal"
	"layerwise/server"

	"github.com/spf13/cobra"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

func main() { os.Exit(run()) }

func run() (exitCode int) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // the second interrupt ends the process at once
	stderr := silence()
	root := command(stderr)
	root.SetErr(stderr)
	if strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe") == "docker-langserver" {
		// Editors that know this name start it with arguments of its own.
		root.SetArgs([]string{"lsp"})
	}
	err := root.ExecuteContext(ctx)
	var code cli.ExitCode
	switch {
	case err == nil:
		return cli.Clean
	case errors.As(err, &code):
		return int(code)
	}
	fmt.Fprintf(stderr, "layerwise: %s\n", terminal.Escape(err.Error()))
	return cli.Failed
}

// silence returns standard error, and keeps libraries from it: the lexers of BuildKit and of its
// patterns complain there, by no name, about bytes that are not UTF-8. What ends the process still
// shows, because the runtime does not use the variable.
func silence() *os.File {
	stderr := os.Stderr
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stderr = null
	}
	return stderr
}

// command is the command line.
func command(stderr *os.File) *cobra.Command {
	root := &cobra.Command{
		Use:           "layerwise",
		Short:         "Find out what a Docker build reruns, and why",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
	}
	// Not cobra's own with a template, which would link text/template, and with that each exported method of each type.
	tell := root.Flags().BoolP("version", "v", false, "version for layerwise")
	lsp := serverCommand(stderr)
	// Many clients append --stdio to whatever they are told to start.
	stdio := root.Flags().Bool("stdio", false, "be a language server")
	root.Flags().AddFlag(lsp.Flags().Lookup("clientProcessId"))
	_ = root.Flags().MarkHidden("stdio")
	root.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case *tell:
			return printVersion(cmd)
		case *stdio:
			return lsp.RunE(cmd, args)
		}
		return cmd.Help()
	}
	root.AddCommand(cli.CheckCommand(), cli.FormatCommand(), lsp, cli.BuildsCommand(), cli.ExplainCommand(), cli.ImpactCommand(), cli.RuleCommand(), cli.InitCommand(), &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return printVersion(cmd) },
	})
	return root
}

func printVersion(cmd *cobra.Command) error {
	_, err := fmt.Fprintln(cmd.OutOrStdout(), "layerwise", version())
	return err
}

func serverCommand(stderr *os.File) *cobra.Command {
	cmd := &cobra.Command{Use: "lsp", Short: "Run the language server on standard input and output", Args: cobra.NoArgs}
	cmd.Flags().Bool("stdio", true, "use standard input and output; there is no other way")
	cmd.Flags().String("clientProcessId", "", "ignored: the process is named in the initialize request")
	_ = cmd.Flags().MarkHidden("clientProcessId")
	verbose := cmd.Flags().Bool("verbose", false, "log to standard error")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		log := zap.NewNop()
		if *verbose {
			log = zap.New(zapcore.NewCore(zapcore.NewConsoleEncoder(zap.NewDevelopmentEncoderConfig()), zapcore.Lock(stderr), zap.DebugLevel))
		}
		return cli.ExitCode(server.Run(cmd.Context(), os.Stdin, os.Stdout, log, version(), shellcheck.Look()))
	}
	return cmd
}

// version is that of the module, or of the commit it was built from.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
