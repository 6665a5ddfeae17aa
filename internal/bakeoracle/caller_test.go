package bakeoracle

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/docker/buildx/bake"
)

// TestVariablesOfTheCaller: what the caller's environment sets goes over defaults as buildx does it, with its types.
func TestVariablesOfTheCaller(t *testing.T) {
	const text = `
variable "PLAIN" {}
variable "TEXT" { default = "a" }
variable "NUMBER" { default = 80 }
variable "FLAG" { default = true }
variable "NULL" { default = null }
variable "TYPED" {
  type = number
}
variable "TYPED_TEXT" {
  type    = string
  default = "a"
}
variable "OF_OTHERS" { default = "${TEXT}-x" }
LOCAL = "${TEXT}!"
target "app" {
  args = {
    PLAIN = PLAIN, TEXT = TEXT, NUMBER = NUMBER, SUM = NUMBER + 1, FLAG = FLAG, CHOICE = FLAG ? "on" : "off", NULL = NULL
    TYPED = TYPED, TYPED_TEXT = TYPED_TEXT, OF_OTHERS = OF_OTHERS, LOCAL = LOCAL
  }
}
`
	for _, env := range []map[string]string{
		{"TEXT": "b"},
		{"TEXT": "", "PLAIN": "p", "NULL": "n"},
		{"NUMBER": "8080", "TYPED": "1.5", "FLAG": "false"},
		{"FLAG": "1", "TYPED": "007", "NULL": ""},
		{"FLAG": "0", "TYPED_TEXT": "8", "OF_OTHERS": "own", "LOCAL": "no"},
		{"NUMBER": "1e3", "FLAG": "TRUE"},
		{"NUMBER": "x"},
		{"FLAG": "yes"},
	} {
		var set []string
		for _, name := range slices.Sorted(maps.Keys(env)) {
			set = append(set, fmt.Sprintf("%s='%s'", name, env[name]))
		}
		call := strings.Join(set, " ")
		t.Run(call, func(t *testing.T) {
			builds := read(t, map[string]string{"Dockerfile": "FROM alpine\n", "docker-bake.hcl": text, "call.sh": call + " docker buildx bake app\n"})
			config, _, err := bake.ParseFiles([]bake.File{{Name: "docker-bake.hcl", Data: []byte(text)}}, map[string]string{"BAKE_CMD_CONTEXT": "cwd://", "BAKE_LOCAL_PLATFORM": "linux/amd64"}, env)
			if err != nil { // it refuses the file; ours knows less then
				for name := range env {
					if v, said := builds[0].Args[name]; said && v != nil {
						t.Errorf("%s is %s, where buildx says: %v", name, *v, err)
					}
				}
				return
			}
			theirs, err := config.ResolveTarget("app", nil, &bake.EntitlementConf{})
			if err != nil {
				t.Fatal(err)
			}
			for name, ours := range builds[0].Args {
				want := theirs.Args[name]
				if _, said := env[name]; ours == nil && said {
					t.Errorf("%s is not known, though it is set", name)
				}
				if ours != nil && (want == nil || *want != *ours) {
					t.Errorf("%s is %s", name, *ours)
				}
			}
		})
	}
}
