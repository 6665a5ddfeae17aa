package images_test

import (
	"strings"
	"testing"

	"layerwise/build/images"
)

// TestCommon holds that the table of facts knows the common images by all their tags.
func TestCommon(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range images.CommonImages {
		if seen[c.Name] || c.Doc == "" {
			t.Errorf("%s stands twice, or has no text", c.Name)
		}
		seen[c.Name] = true
		for _, tag := range append([]string{"latest"}, c.Tags...) {
			if _, err := images.Parse(c.Name + ":" + tag); err != nil {
				t.Error(err)
			}
			f, ok := images.Lookup(c.Name+":"+tag, "")
			if !ok {
				t.Errorf("%s is not in the table of facts", c.Name)
				break
			}
			if strings.Contains(tag, "alpine") && f.Family != "alpine" {
				t.Errorf("%s:%s is %s", c.Name, tag, f.Family)
			}
		}
	}
	for name, want := range map[string]string{"docker.io/library/node": "26", "node": "26", "python": "3.14", "ubuntu": "26.04", "acme/app": ""} {
		got := ""
		if list := images.CommonTags(name); len(list) > 0 {
			got = list[0]
		}
		if got != want {
			t.Errorf("%s: %s first, want %s", name, got, want)
		}
	}
}
