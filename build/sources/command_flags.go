package sources

import "strings"

// flag is an option of a command line. value is "" if it has none.
type flag struct {
	name  string // without dashes; short ones by their long name
	value word
}

// parsed is a command line in parts.
type parsed struct {
	flags []flag
	args  []word // words that are no options
	// unsure: there may be more options than these.
	unsure bool
}

// options are the options of a program, of which only those are known that take a word.
type options struct {
	short string // letters that take a word …
	long  map[string]bool
	names map[byte]string // … and what they are short for
}

// parse takes a command line apart.
func (o *options) parse(words []word) (p parsed) {
	for len(words) > 0 {
		w := words[0]
		words = words[1:]
		if text, is := believed(w.text); is && strings.HasPrefix(text, "-") && strings.HasPrefix(w.text, assumed) {
			w.text, p.unsure = text, true
		}
		switch {
		case w.text == "--":
			p.args = append(p.args, words...)
			return p
		case w.many:
			p.unsure = true
		case strings.HasPrefix(w.text, "--"):
			name, value, has := strings.Cut(w.text[2:], "=")
			f := flag{name, word{text: value, line: w.line}}
			if !has && o.long[name] && len(words) > 0 {
				f.value, words = words[0], words[1:]
			}
			if isKnown(name) {
				p.flags = append(p.flags, f)
			} else {
				p.unsure = true
			}
		case len(w.text) > 1 && w.text[0] == '-':
			words = o.letters(&p, w, words)
		default:
			p.args = append(p.args, w)
		}
	}
	return p
}

// letters takes apart options of one letter each, "qf" and "fX". It returns the words that are left.
func (o *options) letters(p *parsed, w word, words []word) []word {
	s := w.text[1:]
	for i := range len(s) {
		name := o.names[s[i]]
		if name == "" {
			name = s[i : i+1]
		}
		switch {
		case strings.HasPrefix(s[i:], unknown):
			p.unsure = true
			return words
		case strings.IndexByte(o.short, s[i]) < 0:
			p.flags = append(p.flags, flag{name: name})
			if i+1 < len(s) && s[i+1] == '=' {
				return words
			}
		case i+1 < len(s):
			p.flags = append(p.flags, flag{name, word{text: strings.TrimPrefix(s[i+1:], "="), line: w.line}})
			return words
		case len(words) > 0:
			p.flags = append(p.flags, flag{name, words[0]})
			return words[1:]
		}
	}
	return words
}

// last is the value of an option, of which the last one counts.
func (p *parsed) last(names ...string) (value word, ok bool) {
	for _, f := range p.flags {
		for _, name := range names {
			if f.name == name {
				value, ok = f.value, true
			}
		}
	}
	return value, ok
}

// all are the values of an option.
func (p *parsed) all(names ...string) (values []word) {
	for _, f := range p.flags {
		for _, name := range names {
			if f.name == name {
				values = append(values, f.value)
			}
		}
	}
	return values
}

// on reports whether an option without a word is given, and is not switched off.
func (p *parsed) on(name string) bool {
	v, ok := p.last(name)
	return ok && v.text != "false" && v.text != "0"
}

func set(lists ...string) map[string]bool {
	s := map[string]bool{}
	for _, list := range lists {
		for _, name := range strings.Fields(list) {
			s[name] = true
		}
	}
	return s
}

// Options that take a word.
//
// Source: the reference pages of docker buildx build, podman build, nerdctl build, buildah build, depot build
// and kaniko.
var (
	buildOptions = &options{
		short: "ftomcv",
		names: map[byte]string{'f': "file", 't': "tag", 'o': "output", 'm': "memory", 'c': "cpu-shares", 'q': "quiet", 'v': "volume"},
		long: set(`file tag target build-arg build-context platform secret ssh label annotation cache-from cache-to output
			progress network add-host iidfile metadata-file builder allow attest cgroup-parent shm-size ulimit call
			no-cache-filter provenance sbom resource print memory memory-swap cpu-period cpu-quota cpu-rt-period cpu-rt-runtime cpu-shares cpus
			cpuset-cpus cpuset-mems isolation security-opt policy`,
			// podman and buildah
			`format volume userns arch os variant authfile cert-dir creds manifest jobs from ignorefile env runtime
			device dns dns-option dns-search decryption-key group-add hooks-dir cap-add cap-drop cache-ttl logfile
			os-feature os-version retry retry-delay runtime-flag sign-by timestamp source-date-epoch
			userns-gid-map userns-gid-map-group userns-uid-map userns-uid-map-user unsetenv unsetlabel
			cpp-flag layer-label blob-cache bud-logfile pid ipc uts cgroupns build-arg-file sbom-image-output`,
			// depot, nerdctl
			`project token build-platform save-tag sbom-dir buildkit-host namespace address`),
	}
	kanikoOptions = &options{
		short: "fcdv",
		names: map[byte]string{'f': "dockerfile", 'c': "context", 'd': "destination", 'v': "verbosity"},
		long: set(`dockerfile context context-sub-path destination build-arg target ignore-path verbosity bucket cache-dir
			cache-repo cache-ttl customPlatform custom-platform digest-file git image-name-tag-with-digest-file
			image-name-with-digest-file image-download-retry image-fs-extract-retry insecure-registry kaniko-dir label
			log-format oci-layout-path push-retry push-ignore-immutable-tag-errors registry-certificate
			registry-client-cert registry-map registry-mirror secret skip-tls-verify-registry snapshot-mode
			snapshotMode tar-path tarPath tag credential-helpers azure-container-registry-config`),
	}
	// composeOptions are those before a command, and of `build`, `up` and `create`; composeRun, those of `run`.
	composeOptions = &options{
		short: "fptm",
		names: map[byte]string{'f': "file", 'p': "project-name", 'd': "detach", 't': "timeout", 'm': "memory"},
		long: set(`file project-name project-directory profile env-file ansi progress parallel context host tlscacert tlscert
			tlskey log-level workdir podman-args podman-build-args podman-run-args podman-pull-args`,
			`build-arg memory builder ssh scale timeout exit-code-from attach no-attach wait-timeout policy`),
	}
	composeRun = &options{
		short: "evupwl",
		long:  set(`env user volume publish name entrypoint label cap-add cap-drop workdir env-from-file pull`),
	}
	bakeOptions = &options{
		short: "f",
		names: map[byte]string{'f': "file"},
		long:  set(`file set var builder progress metadata-file call allow project token build-platform sbom provenance`),
	}
	// globalOptions stand between a program and its command.
	globalOptions = set(`--config --context -c --host -H --log-level -l --tlscacert --tlscert --tlskey --builder`,
		`--connection --url --identity --root --runroot --storage-driver --storage-opt --cgroup-manager --events-backend
		--runtime --tmpdir --volumepath --out --module --hooks-dir --imagestore --conmon --network-cmd-path
		--registries-conf --registries-conf-dir --userns-uid-map --userns-gid-map --default-mounts-file
		--short-name-alias-conf --namespace -n --address -a --snapshotter --data-root --hosts-dir --cni-path
		--cni-netconfpath`)
)
