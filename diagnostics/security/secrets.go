package security

import (
	"slices"
	"strings"

	"layerwise/internal/lazy"
)

// This file answers, for all rules, whether a variable or a setting holds a secret: by its name, of which
// the last noun says what it is, and by its value.

// holdsSecret reports whether the setting of that name and value holds a secret. A reference to a variable
// is none.
func holdsSecret(name, value string) bool {
	if what := credentialIn(value); what != "" {
		return what != googleKey || !isPublished(name)
	}
	return isSecretName(name) && !isHarmlessValue(name, value)
}

// secretNouns are the words that make a name that ends in them a credential: those that BuildKit looks for, and
// what some well-known programs call theirs. key, auth and pass are not among them: they have other meanings.
var secretNouns = wordSet("apikey credential credentials passphrase password passwd psw pwd pword secret token " +
	"dbpass rootpass sshpass userpass")

// secretEnds are nouns that are often written as one word with what stands before them: PGPASSWORD.
var secretEnds = []string{"accesskey", "accesstoken", "apikey", "apitoken", "authtoken", "clientsecret", "passphrase", "passwd", "password", "privatekey", "secretkey"}

// endings say of which environment a value is, or how it is written, and may stand behind the noun.
var endings = wordSet("b64 base base64 encoded hex json new old plain prod production staging")

// Words before a noun that give it another meaning.
var (
	keysOfData = wordSet("cache foreign gpg index object partition pgp primary site sort") // CACHE_KEY; a GPG_KEY is told by its fingerprint
	nginxPass  = wordSet("fastcgi grpc memcached proxy scgi uwsgi")                        // directives: proxy_pass
	verbs      = wordSet("allow disable enable no require skip use")                       // MYSQL_ALLOW_EMPTY_PASSWORD
)

func wordSet(list string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(list) {
		set[w] = true
	}
	return set
}

// bundleHost matches the variables in which Bundler finds the credentials of a host: BUNDLE_GEMS__EXAMPLE__ORG
// (https://bundler.io/man/bundle-config.1.html). notHost are other settings of two parts.
var (
	bundleHost = lazy.New(`^BUNDLE_[A-Z0-9_]+__[A-Z0-9]+$`)
	notHost    = lazy.New(`^BUNDLE_(BUILD|GEM|LOCAL|MIRROR)__`)
)

var (
	camelCase = lazy.New(`([a-z0-9])([A-Z])`)
	acronym   = lazy.New(`([A-Z])([A-Z][a-z])`)
	number    = lazy.New(`^v?[0-9]+$`)
)

// wordsOf are the words of a name, in small letters: DB_PASSWORD, dbPassword, db.password.
func wordsOf(name string) []string {
	name = acronym.ReplaceAllString(camelCase.ReplaceAllString(name, "${1}_$2"), "${1}_$2")
	return strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return strings.ContainsRune("_-.:/", r) })
}

// isSecretName decides by the last noun of a name: DB_HOST_PASSWORD is a password, and PASSWORD_FILE a file.
func isSecretName(name string) bool {
	if bundleHost.MatchString(name) && !notHost.MatchString(name) {
		return true
	}
	if name == "PWD" || name == "OLD_PWD" || isPublished(name) {
		return false
	}
	list := wordsOf(name)
	for len(list) > 1 && (endings[list[len(list)-1]] || number.MatchString(list[len(list)-1])) {
		list = list[:len(list)-1]
	}
	if len(list) == 0 || verbs[list[0]] || len(list) > 1 && verbs[list[1]] {
		return false
	}
	noun, before := list[len(list)-1], ""
	if len(list) > 1 {
		before = list[len(list)-2]
	}
	switch noun {
	case "key":
		return before != "" && !keysOfData[before] || name == "KEY"
	case "auth":
		return before != ""
	case "pass":
		return !nginxPass[before]
	}
	return secretNouns[noun] || slices.ContainsFunc(secretEnds, func(end string) bool { return strings.HasSuffix(noun, end) })
}

// published matches names of what everybody may see: bundlers put variables with such a prefix into the
// pages that they make (https://vite.dev/guide/env-and-mode, https://create-react-app.dev/docs/adding-custom-environment-variables,
// https://nextjs.org/docs/pages/guides/environment-variables, and likewise for others).
var published = lazy.New(`(?i)^(react_app|vite|vue_app|gatsby|ng_app|next_public|nuxt_public|expo_public)_|(^|[-_.])(public|publishable)([-_.]|$)`)

func isPublished(name string) bool { return published.MatchString(name) }

// isHarmlessValue reports whether the value of what is named like a secret cannot be one: empty, a
// reference, a path, a URL without credentials, a switch, a number, or a placeholder. What is only called
// a key may also be a fingerprint, or the name of a field.
func isHarmlessValue(name, value string) bool {
	v := strings.Trim(value, `"'`)
	switch {
	case !strings.ContainsFunc(v, isLetterOrDigit), isReference(v), isSecretPlaceholder(v), pathLike.MatchString(v), publicKey.MatchString(v):
		return true
	case strings.Contains(v, "://"):
		user, given := userInfo(v)
		_, password, two := strings.Cut(user, ":")
		return !given || two && isHarmlessPassword(password)
	case says(name, v):
		return true
	case strings.HasSuffix(strings.ToLower(name), "auth"):
		return fieldName.MatchString(v)
	}
	return strings.HasSuffix(strings.ToLower(name), "key") &&
		(fingerprint.MatchString(v) || fieldName.MatchString(v) && !unlocks.MatchString(name))
}

func isLetterOrDigit(r rune) bool {
	return '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r > 0x7f
}

// reference matches a value that says where the secret is: a variable, a template, a place in a store of
// secrets.
var reference = lazy.New(`^(\$[\w{(].*|\$\$.*|%+\w+%+|%\(\w+\)s|@\w+@|__\w+__|(env|file|arn|vault|keychain):.*|\{\{.*\}\}|<.*>|!(Ref|Sub|vault).*)$`)

func isReference(v string) bool { return reference.MatchString(v) }

// says reports whether the value only repeats the noun of the name: APP_SECRET=secret, API_KEY=api_key.
func says(name, value string) bool {
	said := strings.Join(wordsOf(value), "")
	list := wordsOf(name)
	for n := range list {
		if strings.Join(list[n:], "") == said {
			return true
		}
	}
	return false
}

var pathLike = lazy.New(`^(/|\./|\.\./|\.\w+$|~/|[A-Za-z]:\\)|^[\w.-]+(/[\w.-]+)*\.(key|pem|crt|json|ya?ml|txt|conf|env|jks|p12)$`)

// publicKey matches the public key of an SSH user or host.
var publicKey = lazy.New(`^(ssh-(rsa|dss|ed25519)|ecdsa-sha2-\w+) `)

// fingerprint matches how GnuPG names keys: in capitals, or after 0x.
var fingerprint = lazy.New(`^(([0-9A-F]{4} ?){10}|[0-9A-F]{16}|0x[0-9A-Fa-f]{8,40})$`)

// fieldName matches a value that rather names a field than unlocks something: KEY=ProcessId, SORT_KEY=user_id.
var fieldName = lazy.New(`^([A-Z]?[a-z]+){1,3}$|^[a-z]+([_-][a-z]+){0,3}$`)

// unlocks matches the names of keys that are for unlocking something.
var unlocks = lazy.New(`(?i)api|secret|access|private|master|auth|encrypt|licen[cs]e`)

// placeholder matches what stands where a secret is to be put in, and values of switches.
var placeholder = lazy.New(`(?i)^(true|false|yes|no|on|off|none|null|nil|undefined|auto|default|enabled|disabled|[0-9]{1,4}(ms|[smhdw]|min)?|` +
	`dummy.*|fake.*|example.*|sample.*|placeholder.*|.*[-_]placeholder|redacted|test|testing|change[-_]?(me|this|it).*|replace[-_ ]?(me|this|with).*|(insert|enter)[-_ ].*|todo|fixme|tbd|x+|your[-_ ].*|` +
	`not[-_ ]?(a[-_ ]?)?(real|set|secret|used|needed).*|unused|build|build[-_]?time.*|ignored?|` +
	`(0x)?(baadf00d|badc0ffee|badcafe|c0ffee|cafebabe|cafed00d|deadbabe|deadbeef|deadc0de|deadcafe|decafbad|facefeed|feedface)+)$`)

// isSecretPlaceholder reports whether the value stands where a secret is to be put in, or switches something.
func isSecretPlaceholder(v string) bool {
	return placeholder.MatchString(v) || strings.Trim(v, v[:1]) == ""
}
