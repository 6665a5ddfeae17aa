package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"layerwise/build/gitignore"
	"layerwise/editors"

	"github.com/spf13/cobra"
)

const initLong = `Print the configuration that makes an editor or a CI system use Layerwise, or put it in
place. Without a name, list what there is.

The name config stands for the configuration of Layerwise itself, .layerwise.yaml: one to begin with, or, with --from,
what the settings of hadolint (.hadolint.yaml) or Trivy (.trivyignore) say, with a comment for each line that could not be
carried over.

With --write, folders are made as needed. What belongs to a repository goes to its root. A file
that exists is never changed: then nothing is written.`

// InitCommand is the init command.
func InitCommand() *cobra.Command {
	all := slices.Concat(editors.Editors, editors.CI)
	var names []string
	for _, s := range all {
		names = append(names, s.Name)
	}
	names = append(names, configName)
	var put bool
	var from string
	cmd := &cobra.Command{
		Use:       "init [NAME]",
		Short:     "Set up an editor or a CI system",
		Long:      initLong,
		Example:   "  layerwise init neovim --write\n  layerwise init pre-commit > .pre-commit-config.yaml\n  layerwise init config --from hadolint --write",
		Args:      cobra.MaximumNArgs(1),
		ValidArgs: names,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return listSetups(cmd.OutOrStdout())
			}
			if err := oneOf("the name", args[0], names...); err != nil {
				return err
			}
			var setup editors.Setup
			switch {
			case args[0] == configName:
				var err error
				if setup, err = configSetup(from); err != nil {
					return err
				}
			case from != "":
				return errors.New("--from belongs to layerwise init config")
			default:
				setup = all[slices.Index(names, args[0])]
			}
			if put {
				return placeSetup(setup, cmd.OutOrStdout())
			}
			return printSetup(setup, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().BoolVar(&put, "write", false, "put it in place, where no such file exists yet")
	cmd.Flags().StringVar(&from, "from", "", "of config: the `tool` whose settings it takes over, hadolint or trivy")
	return cmd
}

func listSetups(out io.Writer) error {
	var b strings.Builder
	for _, group := range []struct {
		title  string
		setups []editors.Setup
	}{{"Editors", editors.Editors}, {"CI", editors.CI}} {
		fmt.Fprintf(&b, "%s:\n", group.title)
		for _, s := range group.setups {
			fmt.Fprintf(&b, "  %-12s %s\n", s.Name, s.Title)
		}
	}
	fmt.Fprintf(&b, "Layerwise itself:\n  %-12s %s\n", configName, "a .layerwise.yaml; --from hadolint takes over what that is set to")
	b.WriteString("layerwise init NAME prints the configuration; --write puts it in place.\n")
	_, err := io.WriteString(out, b.String())
	return err
}

// printSetup prints the files. Where they go is told apart from them, so that the output can be a file.
func printSetup(setup editors.Setup, out, err io.Writer) error {
	for _, f := range setup.Files {
		_, name, e := locate(f)
		if e != nil {
			return e
		}
		fmt.Fprintf(err, "%s:\n", name)
		if _, e := io.WriteString(out, f.Text()); e != nil {
			return e
		}
	}
	if setup.Then != "" {
		fmt.Fprintln(err, setup.Then)
	}
	return nil
}

// placeSetup writes the files, all or none. What is there already, and as it should be, is passed over.
func placeSetup(setup editors.Setup, out io.Writer) error {
	var changes []change
	for _, f := range setup.Files {
		path, name, err := locate(f)
		if err != nil {
			return err
		}
		switch _, err := os.Lstat(path); {
		case err == nil:
			if old, err := readRegular(path); err == nil && old == f.Text() {
				continue
			}
			return fmt.Errorf("%s exists and was not changed; to add to it by hand, see what this prints: layerwise init %s", name, setup.Name)
		case !errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("%s: %w", name, plain(err))
		}
		changes = append(changes, change{name: name, path: path, after: f.Text(), create: true})
	}
	for _, c := range changes {
		if err := os.MkdirAll(filepath.Dir(c.path), 0o777); err != nil {
			return fmt.Errorf("%s: %w", c.name, plain(err))
		}
	}
	if err := write(changes); err != nil {
		return err
	}
	var b strings.Builder
	for _, c := range changes {
		fmt.Fprintf(&b, "wrote %s\n", c.name)
	}
	if len(changes) == 0 {
		b.WriteString("everything is in place already\n")
	}
	if setup.Then != "" {
		fmt.Fprintln(&b, setup.Then)
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// moved are folders that editors look for among the configurations, too, if the first is not there: to
// make that would hide the other.
var moved = map[string]string{"~/.emacs.d/": "~/.config/emacs/", "~/.vim/": "~/.config/vim/"}

// locate is where a file goes on this system: its absolute path, and how to write it to people.
func locate(f editors.File) (path, name string, err error) {
	name = f.Path
	switch {
	case runtime.GOOS == "windows" && f.Windows != "":
		name = os.ExpandEnv(f.Windows)
	case runtime.GOOS == "darwin" && f.Darwin != "":
		name = f.Darwin
	}
	for old, now := range moved {
		if below, ok := strings.CutPrefix(name, old); ok && !isFolder(old) && isFolder(now) {
			name = now + below
		}
	}
	return place(name)
}

// place makes a path as editors.File has it absolute; shown is how to write it to people.
func place(name string) (path, shown string, err error) {
	if below, ok := strings.CutPrefix(name, "~/.config/"); ok && filepath.IsAbs(os.Getenv("XDG_CONFIG_HOME")) {
		path = filepath.Join(os.Getenv("XDG_CONFIG_HOME"), below)
		return path, path, nil
	}
	if below, ok := strings.CutPrefix(name, "~/"); ok {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", "", fmt.Errorf("%s: the home folder is not known: %w", name, err)
		}
		return filepath.Join(home, below), name, nil
	}
	if filepath.IsAbs(name) {
		return filepath.Clean(name), name, nil
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", "", fmt.Errorf("finding the working directory: %w", err)
	}
	below, here := strings.CutPrefix(name, "./")
	root := gitignore.Root(dir)
	if here || root == "" {
		root = dir
	}
	path = filepath.Join(root, below)
	rel, err := filepath.Rel(dir, path)
	return path, filepath.ToSlash(rel), err
}

func isFolder(name string) bool {
	path, _, err := place(name)
	if err != nil {
		return false
	}
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
