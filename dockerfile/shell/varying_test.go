package shell_test

import (
	"strings"
	"testing"

	"layerwise/dockerfile/shell"
)

// TestBaked shows which scripts write something that differs each time they run.
func TestBaked(t *testing.T) {
	for line, want := range map[string]string{
		"date > /built":                                             "date",
		"date -u | tee /built":                                      "date -u",
		"date +%s | cut -c1-8 > /built":                             "date +%s",
		"echo \"built $(date)\" > /built":                           "date",
		"echo \"built `date`\" >> /built":                           "date",
		"sed -i \"s/@@/$(uuidgen)/\" a.ts":                          "uuidgen",
		"openssl rand -hex 16 > /key":                               "openssl rand -hex 16",
		"go build -ldflags \"-X main.t=$(date +%F)\" .":             "date +%F",
		"T=$(date) && go build -ldflags \"-X main.t=$T\" .":         "date",
		"export T=\"$(date)\"; echo ${T} > f":                       "date",
		"date":                                                      "",
		"echo \"began at $(date)\"":                                 "",
		"date > /dev/null":                                          "",
		"date -d @$SOURCE_DATE_EPOCH > f":                           "",
		"date -r CHANGES > f":                                       "",
		"echo \"(c) $(date +%Y)\" > f":                              "",
		"T=$(date); U=1; echo $U > f":                               "",
		"T=$(date); echo $TT > f":                                   "",
		"if [ -f a ]; then date > f; fi":                            "",
		"[ -f f ] || date > f":                                      "",
		"V=$([ \"$CI\" = x ] && echo $(date)); echo $V > f":         "",
		"uuidgen --sha1 --namespace @dns --name a.b > f":            "",
		"openssl dgst -sha256 a > f":                                "",
		"touch -d \"$(date)\" f":                                    "",
		"START=$(date +%s); make; echo took $(($(date +%s)-START))": "",
	} {
		var got []string
		for _, c := range shell.Source(line).Baked() {
			var words []string
			for _, w := range c.Words {
				words = append(words, w.Text)
			}
			got = append(got, strings.Join(words, " "))
		}
		if strings.Join(got, "; ") != want {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
}
