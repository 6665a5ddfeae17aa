package shell

import (
	"slices"
	"strings"
)

// certificates says how a program is told not to check certificates. Lists are strings of words.
type certificates struct {
	flags    string // options that switch the checks off; the last is for messages
	settings string // settings that do, in small letters; * stands for any text
	values   string // with these values, in small letters
	set      string // sub-commands that change settings: "config set|set"
	by       string // options whose value is NAME=VALUE, or is NAME with VALUE in the next word
	name     string // the setting and its value, for messages
	asks     string // options with which it installs nothing, so that there is nothing to check
	trusts   string // the option and setting that trust a host without a certificate
}

var (
	// APT's booleans (apt.conf(5)): StringToBool.
	aptTLS = &certificates{settings: "*https::verify-peer *https::verify-host *https::*::verify-peer *https::*::verify-host", values: "0 no false without off disable", by: "-o --option", name: "Verify-Peer=false"}
	// https://bundler.io/man/bundle-config.1.html: ssl_verify_mode is a number, of which 0 is none.
	bundleTLS = &certificates{settings: "ssl_verify_mode", values: "0", set: "config set|config", name: "ssl_verify_mode=0"}
	// https://getcomposer.org/doc/06-config.md#disable-tls
	composerTLS = &certificates{settings: "disable-tls", values: "1 true", set: "config|global config", name: "disable-tls=true"}
	// https://docs.conda.io/projects/conda/en/stable/user-guide/configuration/settings.html; the values are those of conda's boolify.
	condaTLS = &certificates{settings: "ssl_verify", values: condaOff, by: "--set", name: "ssl_verify=false"}
	// dnf.conf(5): 1, yes, true, on and their contraries.
	dnfTLS = &certificates{settings: "sslverify *.sslverify", values: "0 no false off", set: "config-manager setopt", by: "--setopt", name: "sslverify=0"}
	// git-config(1), "boolean".
	gitTLS = &certificates{settings: "http.sslverify http.*.sslverify", values: "0 no false off", set: "config set|config", by: "-c --config", name: "http.sslVerify=false"}
	// https://docs.npmjs.com/cli/using-npm/config#strict-ssl; how npm reads booleans: https://github.com/npm/nopt.
	npmTLS  = &certificates{settings: "strict-ssl", values: npmOff, set: "config set|c set|set", name: "strict-ssl=false"}
	yarnTLS = &certificates{settings: "strict-ssl enablestrictssl", values: npmOff, set: "config set", name: "strict-ssl=false"}
)

const (
	npmOff   = "0 false null"
	condaOff = "0 false n no off non none"
)

// TLSOff is the word by which the command switches certificate checks off, and its name for messages.
func (c *Command) TLSOff() (w Word, what string, ok bool) {
	t := c.row().tls
	if t == nil {
		return Word{}, "", false
	}
	flags := strings.Fields(t.flags)
	for _, option := range flags {
		if w, ok := c.optionWord(option); ok {
			return w, flags[len(flags)-1], true
		}
	}
	w, ok = c.switchedOff(t)
	return w, t.name, ok
}

// TrustedHost is the host that pip or uv is told to trust without a certificate, and the word that says so.
func (c *Command) TrustedHost() (host string, w Word, option string, ok bool) {
	t := c.row().tls
	if t == nil || t.trusts == "" {
		return "", Word{}, "", false
	}
	if value, ok := c.Flag("--" + t.trusts); ok {
		w, _ := c.optionWord("--" + t.trusts)
		return value.Text, w, "--" + t.trusts, true
	}
	// pip config set global.trusted-host HOST
	for i := 2; i < len(c.Words); i++ {
		if c.Words[i-1].Text == "set" && strings.HasSuffix(c.Words[i].Text, "."+t.trusts) {
			host := ""
			if i+1 < len(c.Words) {
				host = c.Words[i+1].Text
			}
			return host, c.Words[i], t.trusts, true
		}
	}
	return "", Word{}, "", false
}

// optionWord is the word in which the option is given, alone, with a value or in a cluster.
func (c *Command) optionWord(option string) (Word, bool) {
	for _, a := range c.arguments() {
		if a.flag != "" && (a.flag == option || a.word.Text == option) {
			return a.word, true
		}
	}
	return Word{}, false
}

// switchedOff finds a setting that the command switches off: as an option (--no-NAME, --NAME=VALUE,
// --NAME VALUE), as the value of an option (--setopt NAME=VALUE), or behind a sub-command that changes
// settings (config set NAME VALUE). Anywhere else its name is any word: npm install strict-ssl false.
func (c *Command) switchedOff(t *certificates) (Word, bool) {
	args := c.arguments()
	subs, sets := 0, false
	if t.set != "" {
		subs, sets = (&use{sub: t.set}).fits(c, c.Operands())
	}
	for i, a := range args {
		next := ""
		if i+1 < len(args) && args[i+1].flag == "" {
			next = args[i+1].word.Text
		}
		word, setting := a.word, ""
		switch {
		case a.flag == "":
			if subs--; subs >= 0 || !sets {
				continue
			}
			setting = a.word.Text
		case listed(t.by, a.flag):
			word, setting = a.value, a.value.Text
		case strings.HasPrefix(a.flag, "--no-") && isSetting(t.settings, a.flag[len("--no-"):]):
			return word, true
		case strings.HasPrefix(a.flag, "--"):
			setting = a.flag[2:]
			if a.has {
				setting += "=" + a.value.Text
			}
		}
		name, value, has := strings.Cut(setting, "=")
		if !has {
			value = next
		}
		if isSetting(t.settings, name) && value != "" && listed(t.values, strings.ToLower(value)) {
			return word, true
		}
	}
	return Word{}, false
}

func isSetting(patterns, name string) bool {
	name = strings.ToLower(name)
	for pattern := range strings.FieldsSeq(patterns) {
		if fitsPattern(pattern, name) {
			return true
		}
	}
	return false
}

// fitsPattern compares a name with a pattern in which * stands for any text.
func fitsPattern(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == name
	}
	end := parts[len(parts)-1]
	if !strings.HasPrefix(name, parts[0]) || !strings.HasSuffix(name, end) || len(name) < len(parts[0])+len(end) {
		return false
	}
	name = name[len(parts[0]) : len(name)-len(end)]
	for _, part := range parts[1 : len(parts)-1] {
		_, rest, found := strings.Cut(name, part)
		if !found {
			return false
		}
		name = rest
	}
	return true
}

// tlsVariable is a variable that makes a program skip certificate checks.
type tlsVariable struct {
	name     string // * stands for any text
	values   string // that do, as they are written; * for any, even an empty one, host for the name of one
	foldName bool   // the program takes the name in any case
	fold     bool   // and these values
}

// tlsVariables are sorted by name. Each has values of its own.
var tlsVariables = []tlsVariable{
	{name: "BUNDLE_SSL_VERIFY_MODE", values: "0"},                       // as bundle config
	{name: "CONDA_SSL_VERIFY", values: condaOff, fold: true},            // as conda config
	{name: "GIT_SSL_NO_VERIFY", values: "*"},                            // git(1): it asks only whether it is set
	{name: "HEX_UNSAFE_HTTPS", values: "1 true"},                        // https://hexdocs.pm/hex/Mix.Tasks.Hex.Config.html
	{name: "JULIA_SSL_NO_VERIFY_HOSTS", values: "host"},                 // https://docs.julialang.org/en/v1/stdlib/NetworkOptions/
	{name: "NODE_TLS_REJECT_UNAUTHORIZED", values: "0"},                 // https://nodejs.org/api/cli.html#node_tls_reject_unauthorizedvalue
	{name: "NPM_CONFIG_STRICT_SSL", values: npmOff, foldName: true},     // as npm config
	{name: "PERL_LWP_SSL_VERIFY_HOSTNAME", values: "0"},                 // https://metacpan.org/pod/LWP::UserAgent
	{name: "PIP_TRUSTED_HOST", values: "host"},                          // as pip --trusted-host
	{name: "POETRY_CERTIFICATES_*_CERT", values: "false"},               // as poetry config
	{name: "PYTHONHTTPSVERIFY", values: "0"},                            // https://peps.python.org/pep-0493/
	{name: "UV_INSECURE_HOST", values: "host"},                          // as uv --allow-insecure-host
	{name: "YARN_ENABLE_STRICT_SSL", values: "0 false", foldName: true}, // https://yarnpkg.com/configuration/yarnrc#enableStrictSsl
	{name: "YARN_STRICT_SSL", values: "false null", foldName: true},     // Yarn 1
}

// TLSVariable reports whether the variable with this value makes a program of the table skip certificate
// checks; for all hosts if hosts is empty.
func TLSVariable(name, value string) (hosts []string, off bool) {
	n := slices.IndexFunc(tlsVariables, func(v tlsVariable) bool {
		return fitsPattern(v.name, name) || v.foldName && strings.EqualFold(v.name, name)
	})
	if n < 0 {
		return nil, false
	}
	v := tlsVariables[n]
	switch v.values {
	case "*":
		return nil, true
	case "host":
		hosts = strings.FieldsFunc(value, func(r rune) bool { return r == ' ' || r == ',' })
		return hosts, len(hosts) > 0
	}
	if v.fold {
		value = strings.ToLower(value)
	}
	return nil, value != "" && listed(v.values, value)
}
