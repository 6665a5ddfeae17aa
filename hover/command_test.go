package hover

import (
	"slices"
	"testing"
)

func TestFromCommonFolder(t *testing.T) {
	for _, test := range []struct{ paths, want []string }{
		{[]string{"package.json", "package-lock.json"}, []string{"`package.json`", "`package-lock.json`"}},
		{[]string{"api/package.json", "api/package-lock.json"}, []string{"`package.json`", "`package-lock.json`"}},
		{[]string{"package.json", "apps/web/package.json", "apps/api/package.json"}, []string{"`package.json`", "`apps/web/package.json`", "`apps/api/package.json`"}},
		{[]string{"shop/api/go.mod", "shop/lib/go.mod"}, []string{"`api/go.mod`", "`lib/go.mod`"}},
		{[]string{"api/go.mod", "api2/go.mod"}, []string{"`api/go.mod`", "`api2/go.mod`"}},
	} {
		if got := fromCommonFolder(test.paths); !slices.Equal(got, test.want) {
			t.Errorf("%v: %v, want %v", test.paths, got, test.want)
		}
	}
}
