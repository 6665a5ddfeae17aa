package yaml

import (
	"reflect"
	"testing"
)

// TestUnevenLines reads plain scalars whose later lines stand further left than those before.
func TestUnevenLines(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"a:\n  - docker build\n      --tag app\n    .\n  - last\n", "docker build --tag app ."},
		{"a:\n- for d in x y; do\n    docker build $d;\n  done\n", "for d in x y; do docker build $d; done"},
		{"a:\n  - - docker build\n          --pull\n      .\n", "docker build --pull ."},
		{"a: docker build\n    --pull\n  .\nb: c\n", "docker build --pull ."},
		{"a:\n  - b: docker build\n         --pull\n      .\n    c: d\n", "docker build --pull ."},
		{"a: docker build\n    --pull\n\n  .\n", "docker build --pull\n."},
	} {
		docs, err := Documents(c.src+"z: |\n  x\n    y\n  z\n", 1000)
		if err != nil {
			t.Errorf("%q: %v", c.src, err)
			continue
		}
		n := docs[0].Get("a")
		for n.Kind != Scalar {
			if n.Kind == Mapping {
				n = n.Get("b")
			} else {
				n = n.Items()[0]
			}
		}
		if n.Text != c.want {
			t.Errorf("%q: %q, not %q", c.src, n.Text, c.want)
		}
		if block := docs[0].Get("z"); block.Text != "x\n  y\nz\n" {
			t.Errorf("%q: the block below is %q", c.src, block.Text)
		}
	}
}

// TestEvenKeepsWhatIsRead: where the text is read as it is, evened it is read the same.
func TestEvenKeepsWhatIsRead(t *testing.T) {
	for _, src := range []string{
		"a:\n  - b\n    c\n      d\n  - e: f\n    g:\n      - h\n",
		"a: |\n    b\n  c\nd: >-\n  e\n    f\n\n  g\nh: 'i\n    j\n  k'\n",
		"a: [b,\n    c,\n  d]\ne: {f: g,\n  h: i}\n",
		"# a: b\na: b # c\n- : d\n",
		"\"a\": b\n'c': d\n? e\n: f\n- - g\n  - h\n",
		": a\n-\n  b\n",
	} {
		was, err := parsed(src)
		if err != nil {
			continue
		}
		now, err := parsed(even(src))
		if err != nil || !reflect.DeepEqual(was.String(), now.String()) {
			t.Errorf("%q: %v\n%s", src, err, now)
		}
	}
}

func FuzzEven(f *testing.F) {
	f.Add("a:\n  - b\n      c\n    d\n")
	f.Add(": |\n- \n - - x:\n")
	f.Fuzz(func(t *testing.T, src string) {
		once := even(src)
		if even(once) != once {
			t.Errorf("%q is not even yet: %q", src, once)
		}
	})
}
