package gitignore

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var ignoreTests = []struct {
	pattern string // lines of the .gitignore
	path    string // a folder if it ends with a slash
	want    bool
}{
	{"a", "a", true},
	{"a", "x/y/a", true},
	{"a", "ab", false},
	{"/a", "a", true},
	{"/a", "x/a", false},
	{"x/a", "x/a", true},
	{"x/a", "y/x/a", false},
	{"a/", "a", false},
	{"a/", "a/", true},
	{"a/", "x/a/", true},
	{"/a/", "x/a/", false},
	{"*.log", "x/b.log", true},
	{"*", ".hidden", true},
	{"x/*", "x/a", true},
	{"x/*", "z/x/a", false},
	{"**/a", "a", true},
	{"**/a", "x/y/a", true},
	{"x/**", "x/y/a", true},
	{"x/**", "x", false},
	{"x/**/a", "x/a", true},
	{"x/**/a", "x/y/z/a", true},
	{"x**a", "xya", true},
	{"x**a", "xy/a", false},
	{"a?c", "abc", true},
	{"x/a?c", "x/a/c", false},
	{"[ab]", "a", true},
	{"[!ab]", "a", false},
	{"[!ab]", "c", true},
	{"[^ab]", "c", true},
	{"[a-c]x", "bx", true},
	{"[]x]", "]", true},
	{"[a", "[a", false},
	{`\#a`, "#a", true},
	{"#a", "#a", false},
	{`\!a`, "!a", true},
	{"a\n!a", "a", false},
	{"!a\na", "a", true},
	{"*\n!*.go", "x.go", false},
	{"a  ", "a", true},
	{`a\ `, "a ", true},
	{"a\r", "a", true},
	{"{a,b}", "a", false},
	{"{a,b}", "{a,b}", true},
	{"a.b", "axb", false},
	{"(a|b)+", "(a|b)+", true},
	{"", "a", false},
	{"/", "a", false},
	{"é*", "éa", true},
	{strings.Repeat("a*", 200) + "b", strings.Repeat("a", 200), false},
}

func TestIgnores(t *testing.T) {
	for _, tt := range ignoreTests {
		list := List(nil).With("/repository", tt.pattern)
		path, folder := strings.CutSuffix(tt.path, "/")
		if got := list.Ignores("/repository/"+path, folder); got != tt.want {
			t.Errorf("pattern %q, path %q: ignored %v, want %v", tt.pattern, tt.path, got, tt.want)
		}
	}
}

// TestManyPatterns has more patterns in nested folders than are taken in.
func TestManyPatterns(t *testing.T) {
	var list List
	for range 10 {
		list = list.With("/repository", strings.Repeat("*a*b\n", maxPatterns/3))
	}
	if len(list) != maxPatterns {
		t.Errorf("%d patterns", len(list))
	}
}

// TestIgnoresLikeGit asks git about the same table.
func TestIgnoresLikeGit(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("git is not installed")
	}
	dir := t.TempDir()
	command := func(args ...string) error {
		cmd := exec.Command(git, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull)
		return cmd.Run()
	}
	if err := command("init", "-q"); err != nil {
		t.Fatal(err)
	}
	for _, tt := range ignoreTests {
		if err := os.WriteFile(filepath.Join(dir, ".gitignore"), []byte(tt.pattern), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := command("check-ignore", "-q", "--", tt.path) == nil; got != tt.want {
			t.Errorf("pattern %q, path %q: git ignores it: %v; the table says %v", tt.pattern, tt.path, got, tt.want)
		}
	}
}
