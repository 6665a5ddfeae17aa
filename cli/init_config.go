package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"layerwise/editors"
	"layerwise/workspace"
)

// configName is the setup of our own configuration.
const configName = "config"

// firstConfig is the configuration to begin with.
const firstConfig = `# How Layerwise checks the Dockerfiles of this repository. Whatever is left out stays as it is by default.

# The severity of a rule, by its name: off, hint, info, warning, error, or on. layerwise rules lists them.
rules: {}

# How the Dockerfiles are built, where no compose file, workflow or script says so: layerwise builds shows what is known.
# context: .
# target: runtime
# buildArgs:
#   VERSION: "1"
`

// foreignFiles are the names of other tools' settings, by the tool.
var foreignFiles = map[string][]string{"hadolint": {".hadolint.yaml", ".hadolint.yml"}, "trivy": {".trivyignore"}}

// configSetup is our configuration: one to begin with, or what the settings of another tool say.
func configSetup(from string) (editors.Setup, error) {
	text := firstConfig
	if from != "" {
		var err error
		if text, err = takenOver(from); err != nil {
			return editors.Setup{}, err
		}
	}
	return editors.Setup{Name: configName, Files: []editors.File{{Content: text, Path: workspace.ConfigNames[0]}}}, nil
}

// takenOver is our configuration with what the tool's settings say. They are looked for in the working directory,
// and then where the configuration goes.
func takenOver(tool string) (string, error) {
	names := foreignFiles[tool]
	if names == nil {
		return "", fmt.Errorf("the settings of %q cannot be taken over; --from takes hadolint or trivy", tool)
	}
	path, shown, src, err := readFirst(names)
	if err != nil {
		return "", err
	}
	lines, err := workspace.ParseForeign(path, src)
	if err != nil {
		return "", fmt.Errorf("%s: %w", shown, err)
	}
	return configOf(shown, lines), nil
}

// readFirst reads the first of the files that is there.
func readFirst(names []string) (path, shown, src string, err error) {
	for _, at := range []string{"./", ""} {
		for _, name := range names {
			path, shown, err = place(at + name)
			if err != nil {
				return "", "", "", err
			}
			src, err = readRegular(path)
			if !errors.Is(err, fs.ErrNotExist) {
				if err != nil {
					err = fmt.Errorf("%s: %w", shown, plain(err))
				}
				return path, shown, src, err
			}
		}
	}
	dir, _ := os.Getwd()
	return "", "", "", fmt.Errorf("there is no %s in %s, nor in the root of its repository", names[0], filepath.ToSlash(dir))
}

// configOf is a configuration that says the same as the lines of another tool's settings.
func configOf(from string, lines []workspace.Line) string {
	var rules, notes strings.Builder
	severity := map[string]workspace.Line{}
	var names []string
	for _, line := range lines {
		if line.Rule == "" {
			fmt.Fprintf(&notes, "#   %s: %s\n", oneLine(line.From), line.Note)
			continue
		}
		if before, known := severity[line.Rule]; !known {
			names = append(names, line.Rule)
		} else if line.Options == nil {
			line.Options = before.Options
		}
		severity[line.Rule] = line // the last one counts, as when the settings themselves do
	}
	slices.Sort(names)
	for _, name := range names {
		line := severity[name]
		comment := oneLine(line.From)
		if line.Note != "" {
			comment += "; " + line.Note
		}
		set := line.Severity
		if line.Options != nil {
			set = "{ severity: " + line.Severity
			for _, option := range slices.Sorted(maps.Keys(line.Options)) {
				set += ", " + option + ": " + inQuotes(line.Options[option])
			}
			set += " }"
		}
		fmt.Fprintf(&rules, "  %s: %s # %s\n", name, set, comment)
	}
	text := "# Taken over from " + from + ", which does not count any more where this file is.\n"
	if rules.Len() > 0 {
		text += "rules:\n" + rules.String()
	} else {
		text += "rules: {}\n"
	}
	if notes.Len() > 0 {
		text += "\n# Not carried over:\n" + notes.String()
	}
	return text
}

// inQuotes writes texts as a list in YAML, each in quotes.
func inQuotes(texts []string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = strconv.Quote(text)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// oneLine is a word of the settings as it can stand in a comment.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
