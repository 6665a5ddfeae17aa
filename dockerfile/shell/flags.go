package shell

import (
	"slices"
	"strings"
)

// valued lists, for each program, the options that take a value as their next word.
var valued = map[string]string{
	"apt-get": "-t --target-release -o --option -c --config-file -a --host-architecture", "apt": "-t --target-release -o --option -c --config-file",
	"apk":    "-X --repository -t --virtual -p --root --keys-dir --repositories-file --cache-dir --wait --arch",
	"dnf":    "-c --config --repo --repoid --enablerepo --disablerepo -x --exclude --installroot --releasever --setopt",
	"zypper": "-r --repo --root -R --config -c", "pacman": "-b --dbpath -r --root --config --cachedir",
	"pip":  "-r --requirement -c --constraint -i --index-url --extra-index-url --trusted-host -f --find-links -t --target --prefix --root --platform --python-version --implementation --abi -e --editable --cache-dir --proxy --timeout --retries --no-binary --only-binary --progress-bar --upgrade-strategy --log --config-settings --global-option --src -w --wheel-dir -d --dest --cert --python --group --build-constraint",
	"uv":   "-r --requirement --requirements -c --constraint -i --index-url --extra-index-url --default-index --index -f --find-links --target --prefix -e --editable --python -p --cache-dir --group --extra --only-group --no-group --package --project --directory --no-extra",
	"npm":  "--prefix --registry --loglevel --cache --omit --include --only --workspace -w --fetch-timeout --fetch-retries --userconfig -C --network-timeout --maxsockets",
	"yarn": "--cwd --registry --network-timeout --cache-folder --modules-folder --mutex --network-concurrency",
	"pnpm": "-C --dir --filter -F --store-dir --registry --loglevel --reporter --prefix", "bun": "--cwd --backend --registry --cache-dir -c --config --omit",
	"poetry": "-C --directory -P --project --only --without --with -E --extras", "pdm": "-p --project -G --group -L --lockfile --without",
	"pipenv": "--python --categories", "conda-lock": "-n --name -p --prefix", "conda": "-n --name -p --prefix -f --file -c --channel", "go": "-C -mod -modfile -o -ldflags -tags -p -gcflags -overlay",
	"cargo": "--manifest-path --target --target-dir --features -F -p --package --bin --profile -j --jobs --root --git --branch --tag --rev --path --registry --index --recipe-path --version --config --example --color",
	"mvn":   "-f --file -s --settings -gs --global-settings -P --activate-profiles -pl --projects -T --threads -D -l", "gradle": "--configuration -p --project-dir -b --build-file -c --settings-file -x --exclude-task -I --init-script -g",
	"composer": "-d --working-dir", "bundle": "--gemfile --path --without --with --jobs -j --retry --binstubs --shebang",
	"gem": "-v --version -s --source -i --install-dir -n --bindir -P -g --file", "dotnet": "-c --configuration -r --runtime -f --framework -o --output -s --source --configfile --packages -v --verbosity -a --arch --os -p --tool-path --version --add-source",
	"mix": "--only", "curl": "--proto --proto-redir --proto-default --tls-max --tls13-ciphers --capath --cert-type --key-type --interface --limit-rate --range -r --dump-header -D --config -K --unix-socket --oauth2-bearer --form --data-raw --data-binary --data-urlencode --speed-limit -y --speed-time -Y --max-redirs --url-query -o --output -H --header -d --data -u --user -X --request -A --user-agent -e --referer -b -c -T -m --max-time --retry --connect-timeout --retry-delay --retry-max-time --cacert --cert --key -x --proxy -w -F --resolve --ciphers -C",
	"wget": "-O --output-document -P --directory-prefix -o -a -t --tries -T --timeout --header -U --user-agent --user --password -e --execute",
	"git":  "-C -c -b --branch --depth -o --git-dir --work-tree --reference", "useradd": "-u --uid -g --gid -G --groups -d --home --home-dir -s --shell -c --comment -e -f -k -K -p --password -b --base-dir",
	"adduser": "-u --uid -G --ingroup -g --gecos --gid -s --shell -h --home -k --firstuid --lastuid", "chown": "--from --reference",
	"helm": "--repo --version", "ansible-galaxy": "-r --role-file -p --roles-path", "stack": "--resolver --stack-yaml --local-bin-path",
	"xargs": "-a -d -E -I -L -n -P -s --arg-file --delimiter --max-args --max-procs --max-lines",
	"set":   "-o", "bash": "-o -O --rcfile --init-file",
	"make": "-C -f -j --directory --file -I", "cmake": "--build -S -B -G -D --target --install --prefix --config", "docker-php-ext-install": "-j",
}

// sameFlags are programs that share another's options.
var sameFlags = map[string]string{
	"pip3": "pip", "pip2": "pip", "yum": "dnf", "microdnf": "dnf", "tdnf": "dnf", "mamba": "conda", "micromamba": "conda",
	"mvnw": "mvn", "gradlew": "gradle", "aptitude": "apt-get",
}

// takesValue reports whether the program's option takes its next word.
func takesValue(program, flag string) bool {
	if base, ok := sameFlags[program]; ok {
		program = base
	} else if strings.HasPrefix(program, "pip") && program != "pipenv" && program != "pip-sync" {
		program = "pip"
	}
	for rest := valued[program]; rest != ""; {
		var f string
		f, rest, _ = strings.Cut(rest, " ")
		if f == flag {
			return true
		}
	}
	return false
}

// argument is one word of a command as its program reads it.
type argument struct {
	word  Word
	flag  string // the option's name with dashes; "" for an operand
	value Word
	has   bool // it has a value
}

// arguments reads the words after the program. Long options and their values, clusters of one-letter
// options (-qy), values attached (-tfoo, --x=y) or in the next word. After -- all are operands.
func (c *Command) arguments() []argument {
	c.parsed.Do(func() {
		c.args = c.parseArguments()
		c.operands = make([]Word, 0, len(c.args))
		for _, a := range c.args {
			if a.flag == "" {
				c.operands = append(c.operands, a.word)
			}
		}
		c.operands = slices.Clip(c.operands) // who appends to them gets a copy
	})
	return c.args
}

func (c *Command) parseArguments() (args []argument) {
	if len(c.Words) == 0 {
		return nil
	}
	words := c.Words[1:]
	program := c.Program
	if isPython(program) {
		program = "pip" // python -m pip; other uses of it have no options that matter here
	}
	oneDash := program == "go" || program == "terraform"
	for i := 0; i < len(words); i++ {
		w := words[i]
		switch {
		case w.Text == "--":
			for _, rest := range words[i+1:] {
				args = append(args, argument{word: rest})
			}
			return args
		case len(w.Text) < 2 || w.Text[0] != '-':
			args = append(args, argument{word: w})
		case strings.HasPrefix(w.Text, "--") || oneDash:
			name, value, has := strings.Cut(w.Text, "=")
			a := argument{word: w, flag: name, has: has, value: Word{Span: w.Span, Text: value, Literal: w.Literal}}
			if !has && takesValue(program, name) && i+1 < len(words) {
				i++
				a.value, a.has = words[i], true
			}
			args = append(args, a)
		default:
			n := len(args)
			args = append(args, cluster(program, w)...)
			if last := &args[len(args)-1]; !last.has && takesValue(program, last.flag) && len(args) > n && i+1 < len(words) {
				i++
				last.value, last.has = words[i], true
			}
		}
	}
	return args
}

// cluster splits -qyt into its letters; what follows a letter that takes a value is that value.
func cluster(program string, w Word) (args []argument) {
	if program == "mvn" || program == "mvnw" || program == "gradle" || program == "gradlew" {
		return []argument{{word: w, flag: w.Text}} // -DskipTests, -pl: no clusters
	}
	for i := 1; i < len(w.Text); i++ {
		flag := "-" + w.Text[i:i+1]
		a := argument{word: w, flag: flag}
		if i+1 < len(w.Text) && (takesValue(program, flag) || w.Text[i+1] == '=') {
			a.value = Word{Span: w.Span, Text: strings.TrimPrefix(w.Text[i+1:], "="), Literal: w.Literal}
			a.has = true
			return append(args, a)
		}
		args = append(args, a)
	}
	return args
}

func isPython(program string) bool { return strings.HasPrefix(program, "python") }

// HasFlag reports whether one of the flags ("-y", "--yes") is given, also in a cluster (-qy) or
// with =value. Words after "--" do not count.
func (c *Command) HasFlag(names ...string) bool {
	for _, a := range c.arguments() {
		for _, name := range names {
			if a.flag != "" && (a.flag == name || a.word.Text == name) {
				return true
			}
		}
	}
	return false
}

// Flag returns the value of the first of the flags that is given, as --name=value, --name value,
// -n value or -nvalue.
func (c *Command) Flag(names ...string) (value Word, ok bool) {
	for _, a := range c.arguments() {
		for _, name := range names {
			if a.flag == name && a.has {
				return a.value, true
			}
		}
	}
	return Word{}, false
}

// flags are all values of the flags.
func (c *Command) flags(names ...string) (values []Word) {
	for _, a := range c.arguments() {
		for _, name := range names {
			if a.flag == name && a.has {
				values = append(values, a.value)
			}
		}
	}
	return values
}

// Operands are the words after the program that are neither options nor their values. A sub-command
// is the first operand. They are not the caller's to change.
func (c *Command) Operands() []Word {
	c.arguments()
	return c.operands
}
