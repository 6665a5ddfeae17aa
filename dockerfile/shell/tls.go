package shell

import "strings"

// TLSOff is the word by which the command switches certificate checks off, and its name for messages.
// Hosts are those that the option names; none means all.
func (c *Command) TLSOff() (w Word, what string, ok bool) {
	p := c.row()
	for _, option := range strings.Fields(p.insecure) {
		if w, ok := c.optionWord(option); ok {
			fields := strings.Fields(p.insecure)
			return w, fields[len(fields)-1], true
		}
	}
	if p.tlsOff == "" {
		return Word{}, "", false
	}
	if w, ok := c.switchedOff(p.tlsOff); ok {
		return w, p.tlsName, true
	}
	return Word{}, "", false
}

// TrustedHost is the host that pip is told to trust without a certificate, and the word that says so.
func (c *Command) TrustedHost() (host string, w Word, option string, ok bool) {
	p := c.row()
	if p.trusts == "" {
		return "", Word{}, "", false
	}
	if value, ok := c.Flag("--" + p.trusts); ok {
		w, _ := c.optionWord("--" + p.trusts)
		return value.Text, w, "--" + p.trusts, true
	}
	// pip config set global.trusted-host HOST
	for i := 2; i < len(c.Words); i++ {
		if c.Words[i-1].Text == "set" && strings.HasSuffix(c.Words[i].Text, "."+p.trusts) {
			host := ""
			if i+1 < len(c.Words) {
				host = c.Words[i+1].Text
			}
			return host, c.Words[i], p.trusts, true
		}
	}
	return "", Word{}, "", false
}

// optionWord is the word in which the option is given, alone, with a value or in a cluster.
func (c *Command) optionWord(option string) (Word, bool) {
	for _, a := range c.arguments() {
		if a.flag == option {
			return a.word, true
		}
	}
	return Word{}, false
}

// switchedOff finds a setting that the command switches off: --no-NAME, NAME=VALUE, --setopt=NAME=VALUE,
// or NAME VALUE. names are the settings; a * at the beginning stands for any text.
func (c *Command) switchedOff(names string) (Word, bool) {
	for i := 1; i < len(c.Words); i++ {
		w := strings.ToLower(c.Words[i].Text)
		if rest, ok := strings.CutPrefix(w, "--no-"); ok && isSetting(names, rest) {
			return c.Words[i], true
		}
		name, value, has := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(w, "--setopt="), "--"), "=")
		switch {
		case !isSetting(names, name):
		case has && isOff(value), !has && i+1 < len(c.Words) && isOff(strings.ToLower(c.Words[i+1].Text)):
			return c.Words[i], true
		}
	}
	return Word{}, false
}

func isSetting(names, name string) bool {
	for _, pattern := range strings.Fields(names) {
		if prefix, suffix, glob := strings.Cut(pattern, "*"); name == pattern || glob && strings.HasPrefix(name, prefix) && strings.HasSuffix(name, suffix) {
			return true
		}
	}
	return false
}

// TLSVariable reports whether the variable with this value makes a program of the table skip certificate checks.
func TLSVariable(name, value string) bool {
	v := strings.ToLower(strings.Trim(value, `"'`))
	switch strings.ToUpper(name) {
	case "NODE_TLS_REJECT_UNAUTHORIZED", "PYTHONHTTPSVERIFY", "NPM_CONFIG_STRICT_SSL", "YARN_STRICT_SSL", "YARN_ENABLE_STRICT_SSL", "CONDA_SSL_VERIFY":
		return isOff(v)
	case "GIT_SSL_NO_VERIFY":
		return true // git asks only whether it is set
	case "PIP_TRUSTED_HOST":
		return v != ""
	}
	return false
}

func isOff(v string) bool { return v == "0" || v == "false" || v == "off" || v == "no" }
