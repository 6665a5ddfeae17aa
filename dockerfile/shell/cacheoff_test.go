package shell

import "testing"

func TestCacheOff(t *testing.T) {
	for src, want := range map[string]string{
		"pip install --no-cache-dir flask": "--no-cache-dir",
		"pip install --no-cache flask":     "--no-cache", // pip takes options by their beginning
		"pip install flask":                "",
		"apk add --no-cache curl":          "--no-cache",
		"uv pip install -n flask":          "-n",
		"npm cache clean --force":          "empties",
		"npm ci":                           "",
		"apt-get clean":                    "empties",
		"go clean -modcache":               "empties",
		"go clean":                         "",
		"yarn cache clean":                 "empties",
		"dnf -y clean all":                 "empties",
		"echo --no-cache-dir":              "",
	} {
		c := Source(src).Commands[0]
		got := ""
		if w, ok := c.WithoutCache(); ok {
			got = w.Text
		}
		if c.EmptiesCache() {
			got = "empties"
		}
		if got != want {
			t.Errorf("%s: %q, want %q", src, got, want)
		}
	}
}
