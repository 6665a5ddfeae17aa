package security

import (
	"slices"
	"strings"

	"layerwise/internal/lazy"
)

// shape is what a kind of credential looks like, wherever it stands.
type shape struct {
	what    string
	marks   []string // of which one is in each, so that few values are compared with the pattern
	pattern *lazy.Regexp
}

// mayBeIn reports whether one of the marks is in the value.
func (s shape) mayBeIn(value string) bool {
	return slices.ContainsFunc(s.marks, func(mark string) bool { return strings.Contains(value, mark) })
}

const (
	googleKey  = "a Google API key"
	privateKey = "a private key"
)

// shapes are the documented forms of credentials that are told by their text alone. None of what is sent
// to browsers anyway is here, except Google's, whose keys serve both.
var shapes = []shape{
	// https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github
	{"a GitHub token", []string{"gho_", "ghp_", "ghr_", "ghs_", "ghu_", "github_pat_"}, token(`gh[oprsu]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,}`)},
	// https://docs.gitlab.com/security/tokens/#token-prefixes
	{"a GitLab token", []string{"gl"}, token(`gl(agent|cbt|dt|ft|imt|oas|pat|ptt|rt|soat)-[A-Za-z0-9_.-]{20,}`)},
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
	{"an AWS access key", []string{"AKIA", "ASIA"}, token(`(AKIA|ASIA)[A-Z0-9]{16}`)},
	// https://docs.slack.dev/authentication/tokens
	{"a Slack token", []string{"xox", "xapp-"}, token(`xox[abeprs]-[A-Za-z0-9-]{10,}|xapp-[0-9]-[A-Za-z0-9-]{10,}`)},
	// https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
	{"the address of a Slack webhook", []string{"hooks.slack.com"}, lazy.New(`https://hooks\.slack\.com/services/T\w{6,}/B\w{6,}/\w{16,}`)},
	// https://docs.stripe.com/keys
	{"a Stripe key", []string{"_live_", "whsec_"}, token(`(sk|rk)_live_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/]{24,}`)},
	// https://github.blog/changelog/2021-09-23-npm-has-a-new-access-token-format/
	{"an npm token", []string{"npm_"}, token(`npm_[A-Za-z0-9]{36}`)},
	// https://pypi.org/help/#apitoken: macaroons of version 2, whose first bytes are always the same
	{"a PyPI token", []string{"pypi-"}, token(`pypi-AgE[A-Za-z0-9_-]{30,}`)},
	// https://guides.rubygems.org/api-key-scopes/
	{"a RubyGems key", []string{"rubygems_"}, token(`rubygems_[a-f0-9]{48}`)},
	// https://docs.cloud.google.com/docs/authentication/api-keys
	{googleKey, []string{"AIza"}, token(`AIza[A-Za-z0-9_-]{35}`)},
	// https://developers.google.com/identity/protocols/oauth2: client secrets
	{"a Google client secret", []string{"GOCSPX-"}, token(`GOCSPX-[A-Za-z0-9_-]{28}`)},
	// https://www.twilio.com/docs/sendgrid/ui/account-and-settings/api-keys
	{"a SendGrid key", []string{"SG."}, token(`SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}`)},
	// https://docs.docker.com/security/access-tokens/
	{"a Docker Hub token", []string{"dckr_"}, token(`dckr_(pat|oat)_[A-Za-z0-9_-]{20,}`)},
	// https://huggingface.co/docs/hub/security-tokens
	{"a Hugging Face token", []string{"hf_"}, token(`hf_[A-Za-z]{34}`)},
	// https://docs.digitalocean.com/reference/api/create-personal-access-token/
	{"a DigitalOcean token", []string{"_v1_"}, token(`do[opr]_v1_[a-f0-9]{64}`)},
	// https://developer.hashicorp.com/vault/docs/concepts/tokens#token-prefixes
	{"a Vault token", []string{"hv"}, token(`hv[bsr]\.[A-Za-z0-9_-]{24,}`)},
	// https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens
	{"a Shopify token", []string{"shp"}, token(`shp(at|ca|pa|ss)_[a-fA-F0-9]{32}`)},
	// https://platform.openai.com/docs/api-reference/authentication, https://docs.anthropic.com/en/api/overview; the older keys of
	// OpenAI have its name in the middle, in base64
	{"an API key", []string{"sk-", "gsk_"}, token(`sk-(ant|proj|svcacct|admin)-[A-Za-z0-9_-]{24,}|sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}|gsk_[A-Za-z0-9]{52}`)},
	// https://grafana.com/docs/grafana/latest/administration/service-accounts/
	{"a Grafana token", []string{"glsa_", "glc_"}, token(`glsa_[A-Za-z0-9]{32}_[a-f0-9]{8}|glc_eyJ[A-Za-z0-9+/=]{40,}`)},
	// https://docs.sentry.io/account/auth-tokens/
	{"a Sentry token", []string{"sntry"}, token(`sntry[su]_[A-Za-z0-9+/=_-]{40,}`)},
	// https://support.atlassian.com/atlassian-account/docs/manage-api-tokens-for-your-atlassian-account/
	{"an Atlassian token", []string{"ATATT3"}, token(`ATATT3[A-Za-z0-9+/=_-]{150,}`)},
	// https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/
	{"a New Relic key", []string{"NRAK-"}, token(`NRAK-[A-Z0-9]{27}`)},
	// https://www.pulumi.com/docs/pulumi-cloud/access-management/access-tokens/
	{"a Pulumi token", []string{"pul-"}, token(`pul-[a-f0-9]{40}`)},
	// https://developer.hashicorp.com/terraform/cloud-docs/users-teams-organizations/api-tokens
	{"a Terraform token", []string{".atlasv1."}, token(`[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{60,}`)},
	// https://docs.databricks.com/aws/en/dev-tools/auth/pat
	{"a Databricks token", []string{"dapi"}, token(`dapi[a-f0-9]{32}(-\d)?`)},
	// https://docs.doppler.com/reference/auth-token-formats
	{"a Doppler token", []string{"dp."}, token(`dp\.(audit|ct|pt|said|scim|st)\.([a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}`)},
	// https://devcenter.heroku.com/articles/heroku-cli-commands#heroku-authorizations
	{"a Heroku key", []string{"HRKU-"}, token(`HRKU-[A-Za-z0-9_-]{36,}`)},
	// https://fly.io/docs/security/tokens/
	{"a Fly.io token", []string{"fm2_", "fo1_"}, token(`fm2_[A-Za-z0-9+/=]{60,}|fo1_[A-Za-z0-9_-]{43}`)},
	// https://linear.app/developers/graphql
	{"a Linear key", []string{"lin_"}, token(`lin_(api|oauth)_[A-Za-z0-9]{40,}`)},
	// https://www.figma.com/developers/api#access-tokens
	{"a Figma token", []string{"figd_"}, token(`figd_[A-Za-z0-9_-]{40,}`)},
	// https://learning.postman.com/docs/developer/postman-api/authentication/
	{"a Postman key", []string{"PMAK-"}, token(`PMAK-[a-f0-9]{24}-[a-f0-9]{34}`)},
	// https://developer.squareup.com/docs/build-basics/access-tokens
	{"a Square secret", []string{"sq0"}, token(`sq0(csp|atp)-[A-Za-z0-9_-]{22,}`)},
	// https://core.telegram.org/bots/api#authorizing-your-bot
	{"a Telegram bot token", []string{":AA"}, token(`[0-9]{8,10}:AA[A-Za-z0-9_-]{33}`)},
	// https://discord.com/developers/docs/resources/webhook
	{"the address of a Discord webhook", []string{"/api/webhooks/"}, lazy.New(`https://(?:\w+\.)?discord(?:app)?\.com/api/webhooks/\d{17,}/[A-Za-z0-9_-]{60,}`)},
	// https://github.com/FiloSottile/age
	{"an age key", []string{"AGE-SECRET-KEY-"}, token(`AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}`)},
	// https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string
	{"an Azure account key", []string{"Key=", "key=", "KEY="}, lazy.New(`(?i)(AccountKey|SharedAccessKey)=[A-Za-z0-9+/]{40,}=`)},
	// https://www.rfc-editor.org/rfc/rfc7468#section-10
	{privateKey, []string{"PRIVATE"}, lazy.New(`-----BEGIN ([A-Z]+ )*PRIVATE KEY-----`)},
}

// token matches the pattern where it is a word of its own.
func token(pattern string) *lazy.Regexp {
	return lazy.New(`(?:^|[^A-Za-z0-9_-])((?:` + pattern + `))(?:$|[^A-Za-z0-9_-])`)
}

// maxValue bounds the bytes of a value that are looked at.
const maxValue = 16 << 10

// credentialIn says what credential a value holds, under whatever name; "" if it shows none: "a GitHub
// token", "a password in a URL". Examples of documentations and templates are none.
func credentialIn(value string) string {
	value = strings.Trim(value, `"'`)
	if len(value) < 8 {
		return ""
	}
	value = value[:min(len(value), maxValue)]
	for _, s := range shapes {
		if s.mayBeIn(value) {
			if m := s.pattern.FindString(value); m != "" && isRandom(m) {
				return s.what
			}
		}
	}
	if !strings.ContainsAny(value, "@=") {
		return "" // neither a URL with a user nor settings of a connection
	}
	if !strings.Contains(value, "://") {
		return connectionIn(value)
	}
	for _, m := range urls.FindAllString(value, maxURLs) {
		user, _ := userInfo(m)
		// The defaults of servers, postgres:postgres, are known anyway.
		if name, password, two := strings.Cut(user, ":"); two && name != password && !isHarmlessPassword(password) && !isExampleHost(m) {
			return "a password in a URL"
		} else if !two && isGenerated(user) && !isExampleHost(m) && !errorReports.MatchString(m) {
			return "a token in a URL"
		}
	}
	return connectionIn(value)
}

// connectionIn says that a value is a connection string with a password; "" if it is not.
func connectionIn(value string) string {
	if !strings.Contains(value, ";") || !strings.Contains(value, "=") {
		return ""
	}
	if lower := strings.ToLower(value); !strings.Contains(lower, "pwd") && !strings.Contains(lower, "password") || !server.MatchString(value) {
		return ""
	}
	if m := connection.FindStringSubmatch(value); m != nil && !isHarmlessPassword(strings.Trim(m[1], `"' `)) {
		return "a password"
	}
	return ""
}

// isRandom reports whether a token is more than a pattern: ghp_xxxx…, AKIAIOSFODNN7EXAMPLE.
func isRandom(token string) bool {
	seen := map[rune]bool{}
	for _, r := range token[len(token)/3:] {
		seen[r] = true
	}
	return len(seen) > 5 && !strings.Contains(strings.ToLower(token), "example")
}

const maxURLs = 100

// errorReports matches addresses to which programs send reports of their errors, with a key that everyone may have
// (https://docs.sentry.io/concepts/key-terms/dsn-explainer/): a project's number is all of the path.
var errorReports = lazy.New(`^\w+://[0-9a-f]+@[^/]+/([\w/.-]*/)?\d+$`)

var urls = lazy.New(`\b[A-Za-z][A-Za-z0-9+.-]*://[^\s"'<>]+`)

// userInfo is what stands before the host of a URL: user, or user:password.
func userInfo(url string) (user string, ok bool) {
	_, rest, _ := strings.Cut(url, "://")
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	i := strings.LastIndexByte(rest, '@')
	if i < 0 {
		return "", false
	}
	return rest[:i], true
}

// isHarmlessPassword reports whether a password is a reference, a placeholder, or the word itself.
func isHarmlessPassword(p string) bool {
	return p == "" || isReference(p) || strings.ContainsAny(p, "${<") || isSecretPlaceholder(p) || bareWord.MatchString(p)
}

var bareWord = lazy.New(`(?i)^(my)?[-_]?(api[-_]?key|pass|passwd|password|pwd|pw|secret|token|x-oauth-basic)$|^[*.]+$`)

// isExampleHost reports whether the URL leads to nowhere but the machine itself, or to a name that is
// reserved for examples (RFC 2606).
func isExampleHost(url string) bool {
	_, rest, _ := strings.Cut(url, "://")
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	host := strings.ToLower(rest[strings.LastIndexByte(rest, '@')+1:])
	if isLocal(host) {
		return true
	}
	host, _, _ = strings.Cut(host, ":")
	return host == "host" || host == "hostname" || reserved.MatchString(host)
}

var reserved = lazy.New(`(^|\.)example(\.(com|net|org|edu))?$|\.(test|invalid)$`)

// connection finds the password in a connection string of a database, which also names a server.
var (
	connection = lazy.New(`(?i)(?:^|[;"'\s])(?:password|pwd)\s*=\s*([^;]+)`)
	server     = lazy.New(`(?i)(?:^|[;"'\s])(?:server|host|data source|addr|address)\s*=[^;]+;`)
)
