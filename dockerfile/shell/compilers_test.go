package shell_test

import (
	"testing"

	"layerwise/dockerfile/shell"
)

func TestCompilesFiles(t *testing.T) {
	for line, want := range map[string]string{
		"gcc -fPIC -shared icu.c `pkg-config --libs icu-uc` -o libicu.so": "icu.c libicu.so",
		"g++ -O2 -std=c++20 a.cpp b.cc -lm -o /usr/bin/a":                 "a.cpp b.cc /usr/bin/a",
		"gcc a.c":                     "", // a.out
		"gcc -Iinclude a.c -o a":      "",
		"gcc -include x.h a.c -o a":   "",
		"gcc -specs=x.specs a.c -o a": "",
		"gcc @options a.c -o a":       "",
		"gcc $CFLAGS a.c -o a":        "",
		"gcc *.c -o a":                "",
		"gcc a.c lib.o -o a":          "",
		"cargo build":                 "",
	} {
		got := ""
		if sources, made, ok := shell.Source(line).Commands[0].CompilesFiles(); ok {
			for _, w := range append(sources, made) {
				got += w.Text + " "
			}
			got = got[:len(got)-1]
		}
		if got != want {
			t.Errorf("%s: %q", line, got)
		}
	}
}
