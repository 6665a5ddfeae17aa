package projects

// form is an install that says by options or by the environment which files it reads.
type form struct {
	command string
	env     string            // NAME=VALUE, by ENV or before the command; "" for none
	files   map[string]string // beside those of the project
	first   []string          // all files that it reads
}

const gemfile = "source 'https://rubygems.org'\ngem 'rack'\n"

const gemfileLock = "GEM\n  remote: https://rubygems.org/\n  specs:\n    rack (3.0)\n\nDEPENDENCIES\n  rack\n"

var client = map[string]string{"client/package.json": `{"name":"client","version":"1.0.0"}` + "\n", "client/index.js": "1\n"}

var (
	npmForms = []form{
		{command: "npm ci --prefix client", files: with(client, map[string]string{"client/package-lock.json": packageLock}), first: []string{"client/package.json", "client/package-lock.json"}},
		{command: "npm --prefix=client ci", files: with(client, map[string]string{"client/package-lock.json": packageLock}), first: []string{"client/package.json", "client/package-lock.json"}},
		{command: "npm ci", env: "NPM_CONFIG_USERCONFIG=conf/npmrc", files: map[string]string{"conf/npmrc": "audit=false\n"}, first: []string{"package.json", "package-lock.json", "conf/npmrc"}},
		{command: "npm ci --userconfig conf/npmrc", files: map[string]string{"conf/npmrc": "audit=false\n"}, first: []string{"package.json", "package-lock.json", "conf/npmrc"}},
	}
	yarnForms = []form{
		{command: "yarn --cwd client install --frozen-lockfile", files: with(client, map[string]string{"client/yarn.lock": "# yarn lockfile v1\n"}), first: []string{"client/package.json", "client/yarn.lock"}},
	}
	pnpmForms = []form{
		{command: "pnpm --dir client install --frozen-lockfile", files: with(client, map[string]string{"client/pnpm-lock.yaml": "lockfileVersion: '9.0'\nimporters:\n  .: {}\n"}), first: []string{"client/package.json", "client/pnpm-lock.yaml"}},
	}
	pipForms = []form{
		{command: "pip install -r requirements.txt", env: "PIP_CONSTRAINT=constraints.txt", first: []string{"requirements.txt", "constraints.txt"}},
		{command: "pip install -r requirements.txt", env: "PIP_REQUIREMENT=requirements/base.txt", first: []string{"requirements.txt", "requirements/base.txt"}},
		{command: "pip install --requirement=requirements/base.txt --constraint constraints.txt", first: []string{"requirements/base.txt", "constraints.txt"}},
		{command: "pip install flask", env: "PIP_CONSTRAINT=constraints.txt", first: []string{"constraints.txt"}},
	}
	goForms = []form{
		{command: "go mod download -modfile=alt.mod", files: map[string]string{"alt.mod": "module example.com/app\n\ngo 1.24\n", "alt.sum": ""}, first: []string{"go.mod", "alt.mod", "alt.sum"}},
	}
	bundlerForms = []form{
		{command: "bundle install", env: "BUNDLE_GEMFILE=gems/alt.gemfile", files: map[string]string{"gems/alt.gemfile": gemfile, "gems/alt.gemfile.lock": gemfileLock}, first: []string{"gems/alt.gemfile", "gems/alt.gemfile.lock"}},
		{command: "bundle install --gemfile=gems/alt.gemfile", files: map[string]string{"gems/alt.gemfile": gemfile, "gems/alt.gemfile.lock": gemfileLock}, first: []string{"gems/alt.gemfile", "gems/alt.gemfile.lock"}},
	}
	composerForms = []form{
		{command: "composer install --no-scripts --no-autoloader", env: "COMPOSER=alt.json", files: map[string]string{"alt.json": "{}\n", "alt.lock": "{\"packages\":[]}\n"}, first: []string{"alt.json", "alt.lock"}},
		{command: "composer install -d api --no-scripts --no-autoloader", files: map[string]string{"api/composer.json": "{}\n", "api/composer.lock": "{\"packages\":[]}\n"}, first: []string{"api/composer.json", "api/composer.lock"}},
	}
	cargoForms = []form{
		{command: "cargo fetch --locked --manifest-path tools/Cargo.toml", files: map[string]string{
			"tools/Cargo.toml": "[package]\nname = \"tools\"\nversion = \"0.1.0\"\n\n[workspace]\n", "tools/Cargo.lock": "version = 3\n\n[[package]]\nname = \"tools\"\nversion = \"0.1.0\"\n", "tools/src/main.rs": "fn main() {}\n",
		}, first: []string{"tools/Cargo.toml", "tools/Cargo.lock"}},
	}
	mavenForms = []form{
		{command: "mvn -f api/pom.xml dependency:go-offline", files: map[string]string{"api/pom.xml": "<project><artifactId>api</artifactId></project>\n"}, first: []string{"api/pom.xml"}},
		{command: "mvn -s conf/settings.xml dependency:go-offline", files: map[string]string{"conf/settings.xml": "<settings></settings>\n"}, first: []string{"pom.xml", "conf/settings.xml"}},
	}
)
