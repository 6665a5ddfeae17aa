package shell_test

import (
	"fmt"
	"strings"
	"testing"

	"layerwise/dockerfile/shell"
)

// TestRights says what commands do about rights.
func TestRights(t *testing.T) {
	for line, want := range map[string]string{
		"sudo make":                       "root plain",
		"sudo -E make":                    "root",
		"sudo -H A=b make":                "root",
		"sudo -u app make":                "",
		"sudo --user=app make":            "",
		"sudo -u root make":               "root",
		"sudoku make":                     "",
		"apt-get install sudo":            "",
		"doas make":                       "root plain",
		"chpasswd":                        "password 1",
		"passwd --stdin app":              "password 1",
		"passwd -d app":                   "password 3",
		"passwd -l app":                   "",
		"adduser --disabled-password app": "",
		"usermod -p x1y2 app":             "password 2",
		"useradd -p '*' app":              "",
		"useradd --password '' app":       "password 3",
		"chmod -R 777 /a /b":              "mode 777 of /a /b",
		"mkdir -m 0777 /a":                "mode 0777 of /a",
		"install -m 755 a /b":             "mode 755 of a /b",
		"chmod --reference=a b":           "",
		"setfacl -m u:app:rw f":           "",
		"usermod -aG docker,audio app":    "app joins docker audio",
		"useradd -m -G wheel -u 1000 app": "app joins wheel",
		"adduser app video":               "app joins video",
		"gpasswd -a app docker":           "app joins docker",
		"useradd -g app app":              "",
	} {
		c := commands(line)[0]
		var found []string
		if _, plain, ok := c.BecomesRoot(); ok {
			found = append(found, strings.TrimSpace("root "+map[bool]string{true: "plain"}[plain]))
		}
		if _, how := c.SetsPassword(); how != shell.NoPassword {
			found = append(found, fmt.Sprintf("password %d", how))
		}
		if mode, files, ok := c.GivesMode(); ok {
			found = append(found, "mode "+mode.Text+" of "+texts(files))
		}
		if user, groups := c.JoinsGroups(); len(groups) > 0 {
			found = append(found, user.Text+" joins "+strings.Join(groups, " "))
		}
		if got := strings.Join(found, "; "); got != want {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
}

// TestTrusts says what commands do with a file f that was fetched, and from where they fetch.
func TestTrusts(t *testing.T) {
	for line, want := range map[string]string{
		"tar xzf f":                              "unpacked",
		"tar xzf other":                          "",
		"tar tzf f":                              "",
		"unzip -q /tmp/f -d /opt":                "unpacked",
		"dpkg -i f":                              "installed",
		"apt-get install -y ./f":                 "installed",
		"rpm -ivh f":                             "installed",
		"chmod +x f":                             "made executable",
		"chmod 755 f":                            "made executable",
		"chmod 644 f":                            "",
		"./f --install":                          "run",
		"sh f":                                   "run",
		"cat f":                                  "",
		"git clone http://x/y f":                 "from http://x/y f",
		"pip install -i http://x/simple a":       "from http://x/simple",
		"npm config set registry http://x":       "from registry http://x",
		"curl -o f http://x/y":                   "from http://x/y",
		"curl --proxy http://p -o f https://x/y": "from https://x/y",
		"apt-get install -y curl":                "",
	} {
		c := commands(line)[0]
		got, _ := c.Trusts(shell.Word{Text: "f", Literal: true})
		if from := c.Addresses(); got == "" && len(from) > 0 && strings.Contains(line, "http") {
			got = "from " + texts(from)
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
}
