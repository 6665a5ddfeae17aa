package shell_test

import (
	"fmt"
	"testing"

	"layerwise/dockerfile/shell"
)

func TestTypedAt(t *testing.T) {
	for script, want := range map[string]string{
		"":                              `[] ""`,
		"ap":                            `[] "ap"`,
		"npm ":                          `["npm"] ""`,
		"apt-get update && apt-get ins": `["apt-get"] "ins"`,
		"cd /x;npm c":                   `["npm"] "c"`,
		"cat x | gre":                   `[] "gre"`,
		"A=1 B='x y' sudo -u app npm r": `["npm"] "r"`,
		"env A=b pip install -":         `["pip" "install"] "-"`,
		"timeout 5 np":                  `[] "np"`,
		"if true; then np":              `[] "np"`,
		"for i in a b; do np":           `[] "np"`,
		"echo $(npm r":                  `["npm"] "r"`,
		"(cd x && np":                   `[] "np"`,
		"(cd x) && np":                  `[] "np"`,
		"echo $(date) > x && np":        `[] "np"`,
		"npm ci 2>&1 | te":              `[] "te"`,
		"npm ci 2>/dev/null --":         `["npm" "ci"] "--"`,
		"set -e\n# c\nnpm c":            `["npm"] "c"`,
		"apt-get \\\n inst":             `["apt-get"] "inst"`,
		"case $a in x) y;; esac; np":    `[] "np"`,
		"echo \"a b\" c":                `["echo" "a b"] "c"`,
		"f() { np":                      `[] "np"`,
		"echo $((1 + 2)) && np":         `[] "np"`,
		"echo `npm r":                   `["npm"] "r"`,

		"echo 'np":         "none",
		"echo \"np":        "none",
		"echo x > fi":      "none",
		"cat <<E":          "none",
		"x # np":           "none",
		"for i in n":       "none",
		"case $a in n":     "none",
		"echo ${A":         "none",
		"echo $((1 + 2":    "none",
		"sudo -u ap":       "none",
		"timeout 5":        "none",
		"A=n":              "none",
		"npm $X":           "none",
		"ls *.t":           "none",
		"case a in x) np":  "none",
		"echo x 2> /dev/n": "none",
	} {
		got := "none"
		if c, ok := shell.TypedAt(script); ok {
			got = fmt.Sprintf("%q %q", c.Words, c.Word)
		}
		if got != want {
			t.Errorf("%q: %s, want %s", script, got, want)
		}
	}
}
