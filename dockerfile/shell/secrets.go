package shell

import "strings"

// secretWords says in which words a program is given a credential. Lists are strings of words.
type secretWords struct {
	sub      string // only behind these sub-commands, "login|registry login"; "" fits all
	options  string // options whose value is one
	pairs    string // options whose value is USER:PASSWORD
	headers  string // options whose value is a header of HTTP
	keys     string // options whose value is a file with a key that the program keeps a copy of
	settings string // settings whose value is one, behind sub; * stands for any text; in small letters
	operand  bool   // the last operand behind sub is one
	keeps    bool   // the program writes what it is given to its own files
}

// Secret is a credential that a command is given on its line.
type Secret struct {
	Word  Word   // the word that holds it
	Value string // the credential: a literal, or an expansion as it is written
	By    string // what gives it, for messages: "curl --user"
	File  bool   // Value is the path of a file that holds it
	Kept  bool   // the program writes it to its own files
}

// What programs call their credentials. Of the documentation of each.
var (
	awsSecrets      = []secretWords{{sub: "configure set", settings: "aws_secret_access_key *.aws_secret_access_key aws_session_token *.aws_session_token", keeps: true}}
	azSecrets       = []secretWords{{sub: "login|acr login", options: "-p --password", keeps: true}}
	bundleSecrets   = []secretWords{{sub: "config set|config", settings: "*.com *.io *.net *.org", keeps: true}}
	cargoSecrets    = []secretWords{{sub: "login", operand: true, keeps: true}, {sub: "publish|login", options: "--token"}}
	composerSecrets = []secretWords{{sub: "config|global config", settings: "http-basic.* github-oauth.* gitlab-token.* gitlab-oauth.* bearer.*", keeps: true}}
	conanSecrets    = []secretWords{{sub: "user|remote login", options: "-p --password", keeps: true}}
	curlSecrets     = []secretWords{{pairs: "-u --user -U --proxy-user", options: "--oauth2-bearer", headers: "-H --header"}}
	doctlSecrets    = []secretWords{{sub: "auth init", options: "-t --access-token", keeps: true}}
	dockerSecrets   = []secretWords{{sub: "login", options: "-p --password", keeps: true}}
	dotnetSecrets   = []secretWords{{sub: "nuget add|nuget update", options: "--password", keeps: true}}
	gcloudSecrets   = []secretWords{{sub: "auth activate-service-account", keys: "--key-file", keeps: true}}
	helmSecrets     = []secretWords{{sub: "registry login|repo add", options: "-p --password", keeps: true}}
	npmSecrets      = []secretWords{{sub: "config set|set", settings: "*:_authtoken *:_password *:_auth _authtoken _password _auth", keeps: true}}
	poetrySecrets   = []secretWords{{sub: "config", settings: "http-basic.* pypi-token.*", keeps: true}}
	sshpassSecrets  = []secretWords{{options: "-p"}}
	twineSecrets    = []secretWords{{options: "-p --password"}}
	wgetSecrets     = []secretWords{{options: "--password --http-password --ftp-password --proxy-password", headers: "--header"}}
	ariaSecrets     = []secretWords{{options: "--http-passwd --ftp-passwd", headers: "--header"}}
	yarnSecrets     = []secretWords{{sub: "config set", settings: "*npmauthtoken *npmauthident *:_authtoken *:_password", keeps: true}}
)

// Secrets are the credentials that the command is given on its line.
func (c *Command) Secrets() (list []Secret) {
	for n := range c.row().secrets {
		list = c.row().secrets[n].of(c, list)
	}
	return list
}

func (s *secretWords) of(c *Command, list []Secret) []Secret {
	subs, ok := (&use{sub: s.sub}).fits(c, c.Operands())
	if !ok {
		return list
	}
	name := strings.TrimSpace(c.Program + " " + phrase(c.Operands()[:subs]))
	for _, a := range c.arguments() {
		if a.flag == "" || !a.has {
			continue
		}
		found := Secret{Word: a.value, Value: a.value.Text, By: name + " " + a.flag, Kept: s.keeps}
		switch {
		case listed(s.options, a.flag):
		case listed(s.pairs, a.flag):
			_, found.Value, _ = strings.Cut(found.Value, ":")
		case listed(s.headers, a.flag):
			found.Value = headerSecret(found.Value)
		case listed(s.keys, a.flag):
			found.File = true
		default:
			continue
		}
		if found.Value != "" {
			list = append(list, found)
		}
	}
	rest := c.Operands()[subs:]
	switch {
	case s.operand && len(rest) == 1:
		list = append(list, Secret{Word: rest[0], Value: rest[0].Text, By: name, Kept: s.keeps})
	case s.settings != "" && len(rest) > 0:
		setting, value, joined := strings.Cut(rest[0].Text, "=")
		word := rest[len(rest)-1]
		if !joined {
			value = word.Text
		}
		if isSetting(s.settings, setting) && (joined || len(rest) > 1) {
			list = append(list, Secret{Word: word, Value: value, By: name, Kept: s.keeps})
		}
	}
	return list
}

// headerSecret is the credential in a header: what stands behind the scheme of Authorization, or the value of one
// that is made for a token; "" if there is none.
func headerSecret(header string) string {
	name, value, ok := strings.Cut(header, ":")
	value = strings.TrimSpace(value)
	if !ok {
		return ""
	}
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "authorization", "proxy-authorization":
		if _, token, two := strings.Cut(value, " "); two {
			return strings.TrimSpace(token)
		}
		return value
	case "private-token", "job-token", "deploy-token", "x-api-key", "api-key", "x-auth-token", "x-vault-token", "x-jfrog-art-api":
		return value
	}
	return ""
}

func phrase(words []Word) string {
	texts := make([]string, len(words))
	for n, w := range words {
		texts[n] = w.Text
	}
	return strings.Join(texts, " ")
}
