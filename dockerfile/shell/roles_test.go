package shell_test

import (
	"fmt"
	"strings"
	"testing"

	"layerwise/dockerfile/shell"
)

// TestRoles says what programs are for, by their names as people write them.
func TestRoles(t *testing.T) {
	for name, want := range map[string]string{
		"gosu": "gives up root, switches user", "/usr/sbin/nginx": "gives up root, server", "php-fpm8.2": "gives up root, server",
		"su": "switches user", "sudo": "switches user", "/sbin/init": "starts others", "supervisord": "gives up root, server",
		"openssh-server": "gives up root, server", "python3.11": "REPL", "PowerShell": "REPL", "Rscript": "REPL", "bash": "REPL",
		"/usr/sbin/tailscaled": "runs as root", "netdata": "gives up root, server",
		"npm": "", "app": "", "redis-server": "", "nginx-exporter": "",
	} {
		var roles []string
		say := func(ok bool, role string) {
			if ok {
				roles = append(roles, role)
			}
		}
		say(shell.GivesUpRoot(name), "gives up root")
		say(shell.IsServer(name), "server")
		say(shell.SwitchesUser(name), "switches user")
		say(shell.StartsOthers(name), "starts others")
		say(shell.RunsAsRoot(name), "runs as root")
		say(shell.IsREPL(name), "REPL")
		if got := strings.Join(roles, ", "); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	for user, want := range map[string]bool{"www-data": true, "redis": true, "app": false, "": false} {
		if shell.IsServerUser(user) != want {
			t.Errorf("IsServerUser(%q) is not %v", user, want)
		}
	}
}

// TestUses says what one command has to do with users, development dependencies and packages.
func TestUses(t *testing.T) {
	for line, want := range map[string]string{
		"chown -R app:app /a /b":                    "keeps the user; gives /a /b to app:app",
		"chown --reference=x /a":                    "keeps the user",
		"install -o app -d /a":                      "keeps the user; gives /a to app",
		"install -m 755 a /b":                       "keeps the user",
		"mkdir -p /a /b":                            "keeps the user; makes /a /b",
		"rmdir /a":                                  "",
		"useradd app":                               "keeps the user",
		"sed -i s/nginx/app/ f":                     "",
		"npm run build":                             "needs dev",
		"npm ci":                                    "",
		"ts-node-dev a.ts":                          "needs dev; runs sources",
		"npx prisma generate":                       "needs dev; runs prisma",
		"pnpx prisma":                               "needs dev; runs prisma",
		"npm exec -- prisma":                        "needs dev; runs prisma",
		"yarn husky":                                "runs husky",
		"bundle config set without a":               "gems set without a",
		"bundler config without a b":                "gems without a b",
		"bundle install":                            "",
		"bundle install --without development test": "without development test; chooses development",
		"bundle --without test":                     "without test; chooses test",
		"npm ci --omit=$x":                          "chooses $x",
		"sh":                                        "runs its input",
		"bash -s -- a":                              "runs its input",
		"bash a.sh":                                 "",
		"sh -c a":                                   "",
		"python3 -":                                 "runs its input",
		"python3 a.py":                              "",
		"xargs -I{} sh -c {}":                       "runs its input",
		"xargs sh -c a":                             "",
		"true":                                      "succeeds; the shell's own",
		"false":                                     "the shell's own",
		"exit 0":                                    "succeeds; the shell's own",
		"exit 1":                                    "the shell's own",
		"echo a":                                    "keeps the user; succeeds; the shell's own",
		". ./a.sh":                                  "",
		"eval a":                                    "",
		"go build ./...":                            "compiles; runs sources",
		"go mod download":                           "runs sources",
		"go run .":                                  "compiles; runs sources",
		"dotnet publish -c Release":                 "compiles; runs sources",
		"dotnet watch":                              "runs sources",
		"dotnet app.dll":                            "",
		"mvnw spring-boot:run":                      "compiles; runs sources",
		"swift run":                                 "runs sources",
		"make run":                                  "runs sources",
		"air":                                       "needs dev; runs sources",
		"npm start":                                 "",
		"mvn -l a.log package":                      "compiles; runs sources; logs to a.log",
	} {
		c := commands(line)[0]
		var parts []string
		say := func(ok bool, format string, args ...any) {
			if ok {
				parts = append(parts, fmt.Sprintf(format, args...))
			}
		}
		say(c.KeepsUser(), "keeps the user")
		to, files, gives := c.GivesFiles()
		say(gives, "gives %s to %s", texts(files), to.Text)
		say(len(c.MakesDirs()) > 0, "makes %s", texts(c.MakesDirs()))
		say(c.NeedsDevDeps(), "needs dev")
		tool, ok := c.PackageProgram()
		say(ok, "runs %s", tool.Text)
		words, ok := c.GemSettings()
		say(ok, "gems %s", texts(words))
		say(len(c.WithoutGroups()) > 0, "without %s", texts(c.WithoutGroups()))
		say(len(c.ChoosesDeps()) > 0, "chooses %s", texts(c.ChoosesDeps()))
		say(c.RunsInput(), "runs its input")
		say(c.AlwaysSucceeds(), "succeeds")
		say(c.IsShellsOwn(), "the shell's own")
		say(c.Compiles(), "compiles")
		say(c.RunsSources(), "runs sources")
		say(len(c.Logs()) > 0, "logs to %s", texts(c.Logs()))
		if got := strings.Join(parts, "; "); got != want {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
	for name, want := range map[string]bool{"cp": true, "husky": true, "./node_modules/.bin/rimraf": true, "node": false, "tsc": false, "app": false, "sh": false} {
		if shell.ReadsOwnVars(name) != want {
			t.Errorf("ReadsOwnVars(%q) is not %v", name, want)
		}
	}
}

func texts(words []shell.Word) string {
	var list []string
	for _, w := range words {
		list = append(list, w.Text)
	}
	return strings.Join(list, " ")
}
