package sources

import (
	"fmt"
	"testing"
)

// TestExpressions evaluates expressions of GitHub Actions. What only the run knows is "…".
func TestExpressions(t *testing.T) {
	s := expressions{map[string]any{
		"matrix": object{fields: map[string]any{
			"name": "Api", "v": 3.1, "on": true,
			"app": object{fields: map[string]any{"dir": "apps/api"}},
			"l":   []any{"a", "b"},
		}},
		"env":    objectOf(map[string]string{"TAG": "1.0"}, true),
		"inputs": object{fields: map[string]any{"empty": "", "no": false}},
		"github": object{map[string]any{"workspace": root}, true},
	}, func() bool { return true }}
	for text, want := range map[string]string{
		"plain $X ${Y}":                                          "plain $X ${Y}",
		"${{ matrix.name }}-${{matrix.V}}":                       "Api-3.1",
		"${{ matrix.app.dir }}/x":                                "apps/api/x",
		"${{ matrix['app']['DIR'] }}":                            "apps/api",
		"[${{ matrix.none }}]":                                   "[]",
		"${{ matrix.none.deeper }}":                              "",
		"${{ matrix.l[1] }}":                                     "b",
		"${{ matrix.l[7] }}":                                     "",
		"${{ matrix.l.*.x }}":                                    "…",
		"${{ matrix.app }}":                                      "Object",
		"${{ env.TAG }}/${{ env.OTHER }}":                        "1.0/…",
		"${{ secrets.X }}":                                       "…",
		"${{ steps.a.outputs.b }}":                               "…",
		"${{ github.ref == 'x' && 'a' || 'b' }}":                 "…",
		"${{ matrix.name == 'api' && 'a' || 'b' }}":              "a",
		"${{ matrix.name != 'api' && 'a' || 'b' }}":              "b",
		"${{ inputs.empty || 'default' }}":                       "default",
		"${{ inputs.no || inputs.empty || matrix.on }}":          "true",
		"${{ !inputs.no }}":                                      "true",
		"${{ true || github.ref }}":                              "true",
		"${{ (false && github.ref) }}":                           "false",
		"${{ format('{0}/{1}-{{x}}', 'a', matrix.v) }}":          "a/3.1-{x}",
		"${{ format('{3}', 1) }}":                                "…",
		"${{ format('a{0}', github.sha) }}":                      "a…",
		"${{ fromJSON('{\"A\": [1, {\"b\": \"c\"}]}').a[1].b }}": "c",
		"${{ fromJSON('{') }}":                                   "…",
		"${{ fromJSON(needs.x.outputs.y).z }}":                   "…",
		"${{ contains('Hello', 'LL') }}":                         "true",
		"${{ contains(matrix.l, 'b') }}":                         "true",
		"${{ contains(github.ref, 'b') }}":                       "…",
		"${{ startsWith('refs/tags/v', 'refs/tags/') }}":         "true",
		"${{ endsWith('x.yml', '.YML') }}":                       "true",
		"${{ join(matrix.l, '-') }}":                             "a-b",
		"${{ 'it''s }} here' }}":                                 "it's }} here",
		"${{ 1 < 2 && 0x10 >= 16 && -1.5e1 == '-15' }}":          "true",
		"${{ null == 0 }}":                                       "true",
		"${{ 'a' < 'B' }}":                                       "true",
		"${{ NaN == NaN }}":                                      "false",
		"${{ hashFiles('**/x') }}":                               "…",
		"${{ github.workspace }}/x":                              "…/x",
		"a ${{ ( }} b ${{ matrix.v }}":                           "a … b 3.1",
		"${{ a b }}":                                             "…",
		"${{ never ended":                                        "…",
		"${{ matrix. }}":                                         "…",
		"${{}}":                                                  "…",
	} {
		if got := shownAll(s.expand(text)); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func shownAll(s string) string {
	out := ""
	for _, c := range s {
		if string(c) == unknown || string(c) == root {
			c = '…'
		}
		out += string(c)
	}
	return out
}

// TestCSVLists reads the lists of values that Docker's actions take.
func TestCSVLists(t *testing.T) {
	for _, c := range []struct {
		text  string
		whole bool
		want  string
	}{
		{"A=1\nB=2", true, `["A=1" "B=2"]`},
		{"\n  A=a,b  \r\n\n B= c d \n", true, `["A=a,b" "B= c d"]`},
		{"\"A=a,b\"\n\"B=say \"\"x\"\"\"", true, `["A=a,b" "B=say \"x\""]`},
		{"\"A=two\nlines\"\nB=1", true, `["A=two\nlines" "B=1"]`},
		{"A=\"x y\"\n# no comment=1", true, `["A=\"x y\"" "# no comment=1"]`},
		{"linux/amd64, linux/arm64\nlinux/386,", false, `["linux/amd64" "linux/arm64" "linux/386"]`},
		{"", true, "[]"},
		{"\"never ended", true, `["never ended"]`},
	} {
		if got := fmt.Sprintf("%q", csvList(c.text, c.whole)); got != c.want {
			t.Errorf("%q: %s, want %s", c.text, got, c.want)
		}
	}
}
