package shell_test

import (
	"strings"
	"testing"

	"layerwise/dockerfile/shell"
)

// TestGenerates: which commands write code from files that are known by their names.
func TestGenerates(t *testing.T) {
	const also = " .config .env node_modules package.json prisma.config.cjs prisma.config.js prisma.config.mjs prisma.config.ts"
	for line, want := range map[string]string{
		"npx prisma generate":                            "prisma schema.prisma" + also,
		"npx prisma generate --schema ./db/a.prisma":     "db/a.prisma" + also,
		"pnpm exec prisma generate --schema=db/a.prisma": "db/a.prisma" + also,
		"prisma generate":                                "prisma schema.prisma" + also,
		"npx prisma migrate deploy":                      "",
		"npx prisma generate --schema $SCHEMA":           "",
		"npx graphql-codegen generate":                   "",
		"npm run generate":                               "",
	} {
		_, reads, _ := shell.Source(line).Commands[0].Generates()
		if got := strings.Join(reads, " "); got != want {
			t.Errorf("%s reads %q, want %q", line, got, want)
		}
	}
}
