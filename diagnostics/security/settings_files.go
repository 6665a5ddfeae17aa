package security

import (
	"encoding/json"
	"path"
	"strings"

	"layerwise/internal/lazy"
)

// This file reads settings for credentials: by the names and the values of their keys. A value that names
// a variable or a helper is none.

// holdsCredentials reports whether the text of a settings file holds a credential. known is false for
// files of which that cannot be told.
func holdsCredentials(name, body string) (holds, known bool) {
	base := strings.ToLower(path.Base(name))
	switch {
	case strings.HasSuffix(base, ".pem"), strings.HasSuffix(base, ".key"):
		if strings.Contains(body, "PRIVATE KEY") {
			return true, true
		}
		return false, strings.HasSuffix(base, ".pem") || strings.Contains(body, "PUBLIC KEY")
	case base == ".netrc":
		return netrcHolds(body), true
	case base == ".git-credentials":
		return credentialIn(body) != "", true
	case strings.HasSuffix(base, ".json"), base == ".dockercfg":
		var tree any
		if json.Unmarshal([]byte(body), &tree) != nil {
			return false, false
		}
		return treeHolds("", tree), true
	case strings.HasPrefix(base, ".env"), settings[base], settingsPath.MatchString(name):
		return linesHold(body), true
	}
	return false, false
}

// settings are the files of lines with a key and a value that are read, in small letters.
var settings = wordSet(".npmrc .pypirc .yarnrc .yarnrc.yml .pnpmrc .gemrc .my.cnf .s3cfg .boto pip.conf credentials kubeconfig bunfig.toml poetry.toml auth.toml gradle.properties credentials.toml")

var settingsPath = lazy.New(`(^|/)(\.aws/credentials|\.kube/config|\.bundle/config|\.cargo/(credentials|config)(\.toml)?)$`)

// setting matches a line with a key and a value: of .env, INI, YAML, TOML and properties. What stands
// behind // in a key of npm is a host.
var setting = lazy.New(`^\s*(?:export\s+|-\s+)?["']?([\w./@:-]*[\w/])["']?\s*(?:=|:\s)\s*(.*)$`)

// maxLines bounds the lines of a settings file that are looked at.
const maxLines = 10_000

// linesHold reads one setting a line.
func linesHold(body string) bool {
	for n, line := range strings.Split(body, "\n") {
		line = strings.TrimSpace(line)
		if n > maxLines {
			return false
		}
		if line == "" || strings.ContainsRune("#;", rune(line[0])) {
			continue
		}
		if m := setting.FindStringSubmatch(line); m != nil && settingHolds(m[1], valueOf(m[2])) {
			return true
		}
	}
	return false
}

// valueOf is a value without its quotes, and without a comment behind it.
func valueOf(v string) string {
	v = strings.TrimSpace(v)
	if v != "" && (v[0] == '"' || v[0] == '\'') {
		if end := strings.IndexByte(v[1:], v[0]); end >= 0 {
			return v[1 : 1+end]
		}
	}
	for _, mark := range []string{" #", " ;", "\t#"} {
		v, _, _ = strings.Cut(v, mark)
	}
	return strings.TrimSuffix(strings.TrimSpace(v), ",")
}

// settingHolds reports whether one setting is a credential. Its key may have the place before it, as npm's:
// //registry.example.org/:_authToken.
func settingHolds(key, value string) bool {
	if strings.Contains(value, "${") && credentialIn(value) == "" {
		return false
	}
	if i := strings.LastIndexAny(key, ":/"); i >= 0 && !strings.HasPrefix(key, "BUNDLE_") {
		key = key[i+1:]
	}
	switch strings.ToLower(key) {
	case "_auth", "npmauthident", // of npm and Yarn
		"client-key-data", "identitytoken": // of kubectl and docker
		key = "auth_token"
	}
	return holdsSecret(key, value)
}

// netrcHolds reads words: machine HOST login NAME password WORD.
func netrcHolds(body string) bool {
	for _, line := range strings.Split(body, "\n") {
		line, _, _ = strings.Cut(line, "#")
		if words := strings.Fields(line); len(words) > 0 {
			for i, w := range words[:len(words)-1] {
				if w == "password" && !isHarmlessPassword(words[i+1]) {
					return true
				}
			}
		}
	}
	return netrcSplit.MatchString(body)
}

// netrcSplit matches a password on a line of its own.
var netrcSplit = lazy.New(`(?m)^\s*password\s*\n\s*[^\s$<{]`)

// treeHolds goes through decoded JSON.
func treeHolds(key string, tree any) bool {
	switch v := tree.(type) {
	case map[string]any:
		for k, below := range v {
			if key == "http-basic" || key == "github-oauth" || key == "gitlab-token" || key == "bearer" { // of Composer: the keys are hosts
				k = "password"
			}
			if k == "auth" { // of docker: user and password
				k = "_auth"
			}
			if treeHolds(k, below) {
				return true
			}
		}
	case []any:
		for _, below := range v {
			if treeHolds(key, below) {
				return true
			}
		}
	case string:
		return settingHolds(key, v)
	}
	return false
}
