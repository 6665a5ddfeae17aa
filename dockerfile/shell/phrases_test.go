package shell

import (
	"strings"
	"testing"
)

// TestPhrases holds that the tables about what is usual speak of programs of the table, in words that are those of
// commands.
func TestPhrases(t *testing.T) {
	last := ""
	seen := map[string]bool{}
	for _, p := range phrases {
		if lookup(p.Program) == nil {
			t.Errorf("there is no program %s", p.Program)
		}
		if p.Program != last && seen[p.Program] {
			t.Errorf("the rows of %s do not stand together", p.Program)
		}
		last, seen[p.Program] = p.Program, true
		script := Source(p.First + p.Line() + p.After + p.Last)
		if script.Partial || len(script.Commands) == 0 || p.Doc == "" {
			t.Errorf("%q is no command, or has no text", p.Line())
		}
		for _, o := range p.Options {
			if !strings.HasPrefix(o.Name, "-") || o.Doc == "" {
				t.Errorf("%s: %q is no option", p.Program, o.Name)
			}
		}
	}
}

func TestCaches(t *testing.T) {
	last := ""
	for _, c := range caches {
		if lookup(c.program) == nil || c.program < last {
			t.Errorf("%s is no program, or stands at the wrong place", c.program)
		}
		last = c.program
		places := strings.Fields(c.at)
		for i, at := range places {
			if isVar := at[0] == '$'; isVar != (i < len(places)-1) {
				t.Errorf("%s: %s", c.program, c.at)
			}
		}
	}
	env := map[string]string{"GOPATH": "/go", "CARGO_HOME": "/usr/local/cargo"}
	variable := func(name string) (string, bool) { v, ok := env[name]; return v, ok }
	for question, want := range map[[2]string]string{
		{"pip", "/root"}:         "/root/.cache/pip",
		{"pip3", "/root"}:        "/root/.cache/pip",
		{"go", "/home/app"}:      "/go/pkg/mod /home/app/.cache/go-build",
		{"cargo", ""}:            "/usr/local/cargo/registry /usr/local/cargo/git",
		{"npm", ""}:              "",
		{"apt", ""}:              "/var/cache/apt /var/lib/apt/lists",
		{"yum", "/root"}:         "/var/cache/yum",
		{"microdnf", "/root"}:    "/var/cache/dnf",
		{"yarn", "/root"}:        "/usr/local/share/.cache/yarn /root/.yarn/berry/cache",
		{"yarn", "/home/node"}:   "/home/node/.cache/yarn /home/node/.yarn/berry/cache",
		{"no-program", "/root"}:  "",
		{"curl", "/root"}:        "",
		{"composer", "/root"}:    "/root/.cache/composer",
		{"poetry", "/home/a"}:    "/home/a/.cache/pypoetry/cache /home/a/.cache/pypoetry/artifacts",
		{"dotnet", "/home/a/b/"}: "/home/a/b/.nuget/packages",
	} {
		var got []string
		for _, c := range Caches(question[0], question[1], variable) {
			got = append(got, c.Path)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%v: %s, want %s", question, got, want)
		}
	}
}

func TestSubs(t *testing.T) {
	if subs := strings.Join(Subs("apt-get"), " "); !strings.HasPrefix(subs, "install ") || strings.Count(" "+subs+" ", " install ") != 1 {
		t.Error(subs)
	}
	if subs := strings.Join(Subs("go", "mod"), " "); subs != "download verify" {
		t.Error(subs)
	}
	if Subs("no-program") != nil || Options("no-program") != nil {
		t.Error("of a program that is not known")
	}
}
