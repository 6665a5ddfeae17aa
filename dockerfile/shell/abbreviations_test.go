package shell

import (
	"strings"
	"testing"
)

// TestWhole: an option that is cut short means what the whole one means, for programs that take it so.
func TestWhole(t *testing.T) {
	for src, want := range map[string]string{
		"pip install --no-cache flask":              "--no-cache-dir",
		"pip install --no-cache-dir flask":          "--no-cache-dir",
		"pip install --upg flask":                   "--upg", // it begins two, so that pip refuses it
		"pip install --upgrade flask":               "--upgrade",
		"python3 -m pip install --trusted-h x y":    "--trusted-host",
		"wget --no-check-cert https://x/y":          "--no-check-certificate",
		"curl --insec https://x/y":                  "--insecure",
		"curl --parallel https://x/y":               "--parallel",
		"tar -xf a.tgz --strip 1":                   "-x -f --strip-components",
		"tar --extr --file a.tgz":                   "--extract --file",
		"tar --file=a.tgz --dir=/opt -x":            "--file --directory -x",
		"chown --rec app /app":                      "--recursive",
		"git clone --dep 1 https://x/y":             "--depth",
		"useradd --home /h app":                     "--home",
		"useradd --no-log app":                      "--no-log-init",
		"sed --in-pl s/a/b/ f":                      "--in-place",
		"npm install --prod":                        "--production",
		"apt-get install --no-install-rec curl":     "--no-install-rec", // APT refuses it
		"cargo build --lock":                        "--lock",
		"zypper clean --all":                        "--all", // not --allow-unsigned-rpm
		"apk info --all curl":                       "--all",
		"apk --progress add curl":                   "--progress",
		"npm install --user root":                   "--user",
		"unknown --recursi":                         "--recursi",
		"wget --header=a --unheard-of https://x/y":  "--header --unheard-of",
		"zypper --non-inter install --no-conf curl": "--non-interactive --no-confirm",
	} {
		c := Source(src).Commands[0]
		var got []string
		for _, a := range c.arguments() {
			if a.flag != "" && a.flag != "-m" {
				got = append(got, a.flag)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %s, want %s", src, strings.Join(got, " "), want)
		}
	}
}

// TestBeginnings holds for each row: the shortest beginning of an option that no other one has is that option if the
// program takes it so, and stays what it is otherwise. A whole name is never another one.
func TestBeginnings(t *testing.T) {
	for i := range programs {
		p := &programs[i]
		known := p.longOptions()
		if p.long != "" && p.kind&abbreviates == 0 {
			t.Errorf("%s: it has other long options, and takes no beginnings", p.name)
		}
		for _, option := range known {
			if got := p.whole(option); got != option {
				t.Errorf("%s: %s is %s", p.name, option, got)
			}
			short := shortest(option, known)
			want := option
			if p.kind&abbreviates == 0 {
				want = short
			}
			if got := p.whole(short); short != "" && got != want {
				t.Errorf("%s: %s is %s, want %s", p.name, short, got, want)
			}
		}
	}
}

// shortest is the shortest beginning of an option that fits no other one; "" if there is none but the whole name.
func shortest(option string, all []string) string {
	for n := 4; n < len(option); n++ {
		fits := 0
		for _, other := range all {
			if strings.HasPrefix(other, option[:n]) {
				fits++
			}
		}
		if fits == 1 {
			return option[:n]
		}
	}
	return ""
}
