package moves

import (
	"math/rand/v2"
	"path"
	"testing"
)

// TestNear: what is left out because it is apart from the folder of a copy changes no answer.
func TestNear(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	pick := func(list []string) string { return list[random.IntN(len(list))] }
	dirs := []string{"/", "/app", "/root", "/root/app", "/home/node", "/home/node/app", "/usr/src/app", "/usr/local", "/var/www/html", "/etc", "/\x00base", "/\x00base/app", "/a/b/c"}
	names := []string{"src", ".npm", "go", "bin", "a/b", "x*", "node_modules", "lib/x", ".cache/x", ".."}
	homes := []string{"/root", "/home" + anyUser, someHome, unknownHome, "/app", "/home/node"}
	placeIn := func() place {
		return place{path: path.Join(pick(dirs), pick(names)), exact: random.IntN(4) == 0, plain: random.IntN(2) == 0}
	}
	met := map[certainty]int{}
	for range 20_000 {
		dir := pick(dirs)
		a := area{dir: dir}
		for range 1 + random.IntN(3) {
			a.places = append(a.places, place{path: path.Join(dir, pick(names[:9])), plain: true})
		}
		b := area{system: random.IntN(4) == 0, global: random.IntN(4) == 0}
		for range random.IntN(3) {
			b.places = append(b.places, placeIn())
		}
		for range random.IntN(3) {
			b.homes = append(b.homes, pick(homes))
		}
		got := a.meets(b)
		all := a
		all.dir = ""
		if want := all.meets(b); got != want {
			t.Fatalf("%+v meets %+v: %v, and without the folder %v", a, b, got, want)
		}
		if got, want := b.meets(a), b.meets(all); got != want {
			t.Fatalf("%+v meets %+v: %v, and without the folder %v", b, a, got, want)
		}
		met[got]++
	}
	for _, c := range []certainty{apart, maybe, meet} {
		if met[c] < 100 {
			t.Errorf("only %d answers are %v", met[c], c)
		}
	}
}
