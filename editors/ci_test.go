package editors_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"layerwise/dockerfile/names"
	"layerwise/editors"
	"layerwise/internal/endtoend"

	"github.com/goccy/go-yaml"
)

// hook is one of pre-commit.
type hook struct{ ID, Name, Description, Entry, Language, Files, Exclude string }

// action is GitHub's, or what there is to know of it.
type action struct {
	Name, Description string
	Branding          map[string]string
	Inputs            map[string]struct{ Description, Default string }
	Outputs           map[string]struct{ Description, Value string }
	Runs              struct {
		Using string
		Steps []struct {
			Name, ID, If, Uses, Shell, Run string
			Env, With                      map[string]string
		}
	}
}

// readYAML reads a text that has no members but those of into.
func readYAML(t *testing.T, text string, into any) {
	t.Helper()
	if err := yaml.UnmarshalWithOptions([]byte(text), into, yaml.Strict()); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
}

// written is what layerwise init writes for a CI system.
func written(t *testing.T, name string) string {
	t.Helper()
	i := slices.IndexFunc(editors.CI, func(s editors.Setup) bool { return s.Name == name })
	return editors.CI[i].Files[0].Text()
}

// TestPreCommitFiles compares the files that the hooks are for with those that Layerwise checks.
func TestPreCommitFiles(t *testing.T) {
	var published []hook
	readYAML(t, read(t, "../.pre-commit-hooks.yaml"), &published)
	var local struct {
		Repos []struct {
			Repo  string
			Hooks []hook
		}
	}
	readYAML(t, written(t, "pre-commit"), &local)
	for _, h := range append(published, local.Repos[0].Hooks...) {
		files, exclude := regexp.MustCompile(h.Files), regexp.MustCompile(h.Exclude)
		for _, name := range []string{
			"Dockerfile", "a/dockerfile", "a/Dockerfile.prod", "api.Dockerfile", "a/api.dockerfile", "Containerfile", "a.containerfile",
			"Dockerfile.dockerignore", "a/Dockerfile-prod", "mydockerfile", "Dockerfile/main.go", "Dockerfile.d/main.go", ".dockerignore",
			"Dockerfile-notes.md", "my-dockerfile-lint.js", "a/DemoDockerfile", "DockerfileDemo", "DockerfileParser.java", "Dockerfile-lint.js",
			"Dockerfile.go", "a/dockerfile.go", "dockerfile.py", "Dockerfile.md", "Dockerfile.j2", "a/Dockerfile.in", "dockerfile.yaml", "Dockerfile.yaml",
		} {
			if got, want := files.MatchString(name) && !exclude.MatchString(name), names.IsDockerfile(name); got != want {
				t.Errorf("%s: the hook is for %s: %v, Layerwise: %v", h.Language, name, got, want)
			}
		}
	}
}

// TestPreCommit runs the hooks in the real pre-commit.
func TestPreCommit(t *testing.T) {
	needsE2E(t)
	preCommit := endtoend.Need(t, "pre-commit", "pre-commit")
	git := endtoend.Need(t, "git", "git")
	layerwise := endtoend.Program(t, "layerwise")
	modules := strings.TrimSpace(command(t, exec.Command("go", "env", "GOMODCACHE")))
	project := endtoend.Project(t)
	run := func(args ...string) (string, error) {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir = project
		cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(layerwise)+":"+os.Getenv("PATH"), "PRE_COMMIT_HOME="+t.TempDir(),
			"GOMODCACHE="+modules, "GOFLAGS=-trimpath", "CGO_ENABLED=0") // so that it builds what is built already
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	for _, args := range [][]string{{git, "init", "-q"}, {layerwise, "init", "pre-commit", "--write"}, {git, "add", "-A"}} {
		if out, err := run(args...); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	local := []string{preCommit, "run", "--all-files"}
	for _, args := range [][]string{
		local,
		// pre-commit builds Layerwise from these sources.
		{preCommit, "try-repo", endtoend.Root(), "layerwise", "--all-files"},
	} {
		out, err := run(args...)
		if err == nil || !strings.Contains(out, "Dockerfile:6:1: warning: ") || !strings.Contains(out, "[copy-before-install]") {
			t.Errorf("%v on a file with mistakes: %v\n%s", args, err, out)
		}
	}
	if err := os.WriteFile(filepath.Join(project, "Dockerfile"), []byte("FROM scratch\nUSER 1000\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := run(local...); err != nil || !strings.Contains(out, "Passed") {
		t.Errorf("on a file without: %v\n%s", err, out)
	}
}

// TestGitHubAction runs the steps of the action as a runner does.
func TestGitHubAction(t *testing.T) {
	bash := endtoend.Need(t, "bash", "bash")
	for name, c := range map[string]struct {
		inputs map[string]string
		code   string
		says   string
	}{
		"findings":        {nil, "1", "::warning file=Dockerfile,line=6,"},
		"not failing":     {map[string]string{"fail-level": "off"}, "0", "::warning file=Dockerfile,line=6,"},
		"several paths":   {map[string]string{"paths": "Docker*\nclean/Dockerfile"}, "1", "::warning file=Dockerfile,line=6,"},
		"nothing to tell": {map[string]string{"paths": "clean"}, "0", ""},
		"no such file":    {map[string]string{"paths": "'missing $(touch injected)'"}, "2", "missing"},
		"no such level":   {map[string]string{"fail-level": `"$(touch injected)"`}, "2", "--fail-level must be"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRunner(t, bash)
			for input, value := range c.inputs {
				r.values["inputs."+input] = value
			}
			out, failed := r.run(t)
			if got := r.values["steps.check.outputs.code"]; got != c.code || failed != (c.code != "0") {
				t.Errorf("exit code %s, failed %v, want %s\n%s", got, failed, c.code, out)
			}
			if !strings.Contains(out, c.says) {
				t.Errorf("no %q in\n%s", c.says, out)
			}
			if _, err := os.Stat(filepath.Join(r.project, "injected")); err == nil {
				t.Error("an input was run")
			}
			if c.code == "2" {
				return
			}
			var sarif struct{ Version string }
			report, err := os.ReadFile(r.values["steps.check.outputs.sarif"])
			if err == nil {
				err = json.Unmarshal(report, &sarif)
			}
			if err != nil || sarif.Version != "2.1.0" {
				t.Errorf("SARIF %q: %v", sarif.Version, err)
			}
			if r.uploads != 1 {
				t.Errorf("%d uploads", r.uploads)
			}
		})
	}
}

// runner stands in for GitHub's.
type runner struct {
	action  action
	bash    string
	project string
	temp    string
	values  map[string]string // of expressions
	uploads int
}

func newRunner(t *testing.T, bash string) *runner {
	r := &runner{bash: bash, project: endtoend.Project(t), temp: t.TempDir(), values: map[string]string{"github.action_path": endtoend.Root()}}
	// The action's build finds this one up to date, and saves the time.
	if err := os.Rename(filepath.Dir(endtoend.Program(t, "layerwise")), filepath.Join(r.temp, "layerwise")); err != nil {
		t.Fatal(err)
	}
	readYAML(t, read(t, "../action.yml"), &r.action)
	for name, input := range r.action.Inputs {
		r.values["inputs."+name] = input.Default
	}
	clean := filepath.Join(r.project, "clean")
	if err := os.Mkdir(clean, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(clean, "Dockerfile"), []byte("FROM scratch\nUSER 1000\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return r
}

var expression = regexp.MustCompile(`\$\{\{ *([\w.-]+) *\}\}`)

// run runs the steps until one fails, and returns what they print.
func (r *runner) run(t *testing.T) (out string, failed bool) {
	t.Helper()
	for _, step := range r.action.Runs.Steps {
		if step.Uses != "" {
			if strings.HasPrefix(step.Uses, "github/codeql-action/upload-sarif@") && r.expand(t, step.With["sarif_file"]) != "" {
				r.uploads++
			}
			continue
		}
		if strings.Contains(step.Run, "${{") {
			t.Errorf("%s: an expression becomes a part of the script", step.Name)
		}
		output := filepath.Join(t.TempDir(), "output")
		cmd := exec.Command(r.bash, "--noprofile", "--norc", "-eo", "pipefail", "-c", step.Run)
		cmd.Dir = r.project
		cmd.Env = append(os.Environ(), "GITHUB_ACTIONS=true", "GITHUB_WORKSPACE="+r.project, "RUNNER_TEMP="+r.temp,
			"GITHUB_OUTPUT="+output, "GITHUB_STEP_SUMMARY="+filepath.Join(r.temp, "step-summary"))
		for name, value := range step.Env {
			cmd.Env = append(cmd.Env, name+"="+r.expand(t, value))
		}
		printed, err := cmd.CombinedOutput()
		out += string(printed)
		if err != nil {
			return out, true
		}
		results, _ := os.ReadFile(output) // not every step has some
		for line := range strings.Lines(string(results)) {
			if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
				r.values["steps."+step.ID+".outputs."+name] = value
			}
		}
	}
	return out, false
}

func (r *runner) expand(t *testing.T, text string) string {
	return expression.ReplaceAllStringFunc(text, func(e string) string {
		name := expression.FindStringSubmatch(e)[1]
		value, known := r.values[name]
		if !known {
			t.Errorf("nothing gives a value to %s", name)
		}
		return value
	})
}

// TestGitLabJob runs the script of the job.
func TestGitLabJob(t *testing.T) {
	var jobs map[string]struct {
		Image        string
		Variables    map[string]string
		BeforeScript []string `yaml:"before_script"`
		Script       []string
		Artifacts    struct {
			When    string
			Reports map[string]string
		}
	}
	readYAML(t, written(t, "gitlab"), &jobs)
	job := jobs["layerwise"]
	command(t, exec.Command("sh", "-n", "-c", strings.Join(job.BeforeScript, "\n")))
	project := endtoend.Project(t)
	cmd := exec.Command("sh", "-e", "-c", strings.Join(job.Script, "\n"))
	cmd.Dir = project
	cmd.Env = append(os.Environ(), "CI_PROJECT_DIR="+project, "PATH="+filepath.Dir(endtoend.Program(t, "layerwise"))+":"+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != 1 || !strings.Contains(string(out), "[copy-before-install]") {
		t.Errorf("%v\n%s", err, out)
	}
	report, err := os.ReadFile(filepath.Join(project, job.Artifacts.Reports["codequality"]))
	if err != nil {
		t.Fatal(err)
	}
	var findings []struct {
		CheckName string `json:"check_name"`
		Location  struct{ Path string }
	}
	if err := json.Unmarshal(report, &findings); err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		if f.CheckName == "copy-before-install" && f.Location.Path == "Dockerfile" {
			return
		}
	}
	t.Errorf("the report has no copy-before-install:\n%s", report)
}

// TestGitHubWorkflow: the workflow gives the action what it needs.
func TestGitHubWorkflow(t *testing.T) {
	var workflow struct {
		Name        string
		On          map[string]any
		Permissions map[string]string
		Jobs        map[string]struct {
			RunsOn string `yaml:"runs-on"`
			Steps  []struct{ Uses string }
		}
	}
	readYAML(t, written(t, "github"), &workflow)
	if p := workflow.Permissions; p["contents"] != "read" || p["security-events"] != "write" {
		t.Errorf("permissions %v", p)
	}
	steps := workflow.Jobs["layerwise"].Steps
	if len(steps) != 2 || !strings.HasPrefix(steps[0].Uses, "actions/checkout@") || !strings.Contains(steps[1].Uses, "/layerwise@") {
		t.Errorf("steps %v", steps)
	}
}
