package projects

import (
	"maps"
	"slices"
)

// ecosystem is a package manager with a project for it.
type ecosystem struct {
	images   []string
	files    map[string]string
	variants []map[string]string // files in place of some of those
	install  []string
	build    string
	first    []string // the files that the install reads
	forms    []form   // other installs
}

func with(files map[string]string, more map[string]string) map[string]string {
	all := maps.Clone(files)
	maps.Copy(all, more)
	return all
}

const packageLock = `{"name":"app","version":"1.0.0","lockfileVersion":3,"packages":{"":{"name":"app","version":"1.0.0"}}}
`

var node = map[string]string{
	"package.json": `{"name":"app","version":"1.0.0","scripts":{"build":"tsc"}}` + "\n",
	"src/app.js":   "app()\n", "index.html": "<p>\n",
}

var scripts = []map[string]string{
	{"package.json": `{"name":"app","version":"1.0.0","dependencies":{"new":"1.0.0"}}` + "\n"},
	{"package.json": `{"name":"app","version":"1.0.0","scripts":{"postinstall":"echo $GIT_SHA > sha"}}` + "\n"},
	{"package.json": `{"name":"app","version":"1.0.0","scripts":{"postinstall":"cp config.json copied.json"}}` + "\n", "config.json": "{}\n"},
	{"package.json": `{"name":"app","version":"1.0.0","scripts":{"prepare":"cat src/app.js > made.js"}}` + "\n"},
	{".npmrc": "//registry.example.com/:_authToken=${TOKEN}\n"},
	{".npmrc": "audit=false\n"},
}

var nodeImages = []string{"node:22", "node:24-alpine", "node:22-slim"}

var ecosystems = []*ecosystem{
	{
		images: nodeImages, files: with(node, map[string]string{"package-lock.json": packageLock}), variants: scripts,
		install: []string{"npm ci", "npm ci", "npm ci --omit=dev", "npm ci --ignore-scripts", "npm install"}, build: "npm run build",
		first: []string{"package.json", "package-lock.json"}, forms: npmForms,
	},
	{
		images: nodeImages, files: with(node, map[string]string{"yarn.lock": "# yarn lockfile v1\n"}), variants: scripts,
		install: []string{"yarn install --frozen-lockfile", "yarn install --frozen-lockfile --production", "yarn"}, build: "yarn build",
		first: []string{"package.json", "yarn.lock"}, forms: yarnForms,
	},
	{
		images: nodeImages, files: with(node, map[string]string{"pnpm-lock.yaml": "lockfileVersion: '9.0'\nimporters:\n  .: {}\n"}), variants: scripts,
		install: []string{"pnpm install --frozen-lockfile", "pnpm install --frozen-lockfile --ignore-scripts"}, build: "pnpm build",
		first: []string{"package.json", "pnpm-lock.yaml"}, forms: pnpmForms,
	},
	{
		images: []string{"python:3.12-slim", "python:3.13"}, files: map[string]string{"requirements.txt": "flask==3.0\n", "app.py": "app()\n", "lib/a.py": "1\n", "requirements/base.txt": "jinja2==3\n", "constraints.txt": "jinja2<4\n"},
		variants: []map[string]string{
			{"requirements.txt": "-r requirements/base.txt\nflask==3.0\n"}, {"requirements.txt": "-c constraints.txt\nflask\n"}, {"requirements.txt": "./lib\n"}, {"requirements.txt": "-e .\n", "setup.py": "setup()\n"},
			{"requirements.txt": "git+https://u:${TOKEN}@example.com/a.git\n"},
		},
		install: []string{"pip install -r requirements.txt", "pip install --no-cache-dir -r requirements.txt", "pip install -r requirements.txt -c constraints.txt", "pip install -r requirements.txt --target libs",
			"pip install --log pip.log -r requirements.txt", "python -m pip install -r requirements.txt"},
		build: "python -m compileall .", first: []string{"requirements.txt"}, forms: pipForms,
	},
	{
		images: []string{"golang:1.24", "golang:1.24-alpine"}, files: map[string]string{"go.mod": "module example.com/app\n\ngo 1.24\n", "go.sum": "", "main.go": "package main\n", "sub/go.mod": "module example.com/sub\n", "sub/a.go": "package sub\n"},
		variants: []map[string]string{{"go.mod": "module example.com/app\n\ngo 1.24\n\nrequire example.com/sub v0.0.0\n\nreplace example.com/sub => ./sub\n"}},
		install:  []string{"go mod download", "go mod download -x", "go mod tidy"}, build: "go build -o /usr/local/bin/app ./...", first: []string{"go.mod", "go.sum"}, forms: goForms,
	},
	{
		images: []string{"ruby:3.3", "ruby:3.3-slim"}, files: map[string]string{"Gemfile": "source 'https://rubygems.org'\ngem 'rack'\n", "Gemfile.lock": "GEM\n  remote: https://rubygems.org/\n  specs:\n    rack (3.0)\n\nDEPENDENCIES\n  rack\n", "app.rb": "app\n"},
		variants: []map[string]string{{"Gemfile": "source 'https://rubygems.org'\nruby file: '.ruby-version'\ngem 'rack'\n", ".ruby-version": "3.3.0\n"}, {".bundle/config": "---\nBUNDLE_JOBS: \"4\"\n"}},
		install:  []string{"bundle install", "bundle install --jobs 4", "bundle config set --local without test && bundle install"}, build: "bundle exec rake", first: []string{"Gemfile", "Gemfile.lock"}, forms: bundlerForms,
	},
	{
		images: []string{"composer:2", "php:8.3-cli"}, files: map[string]string{"composer.json": "{\"require\":{\"a/b\":\"1\"}}\n", "composer.lock": "{\"packages\":[{\"name\":\"a/b\",\"version\":\"1\"}]}\n", "index.php": "<?php\n"},
		variants: []map[string]string{{"composer.json": "{\"require\":{\"a/b\":\"1\"},\"scripts\":{\"post-install-cmd\":\"cp index.php copied.php\"}}\n"}},
		install:  []string{"composer install --no-scripts --no-autoloader", "composer install --no-dev --no-scripts --no-autoloader", "composer install"}, build: "php index.php", first: []string{"composer.json", "composer.lock"}, forms: composerForms,
	},
	{
		images: []string{"rust:1.80"}, files: map[string]string{"Cargo.toml": "[package]\nname = \"app\"\nversion = \"0.1.0\"\n", "Cargo.lock": "version = 3\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\n", "src/main.rs": "fn main() {}\n"},
		install: []string{"cargo fetch", "cargo fetch --locked"}, build: "cargo build --release", first: []string{"Cargo.toml", "Cargo.lock"}, forms: cargoForms,
	},
	{
		images: []string{"maven:3.9"}, files: map[string]string{"pom.xml": "<project><artifactId>app</artifactId></project>\n", "src/main/java/App.java": "class App {}\n"},
		variants: []map[string]string{{"pom.xml": "<project><artifactId>app</artifactId><version>${env.GIT_SHA}</version></project>\n"}},
		install:  []string{"mvn dependency:go-offline", "mvn -B dependency:go-offline"}, build: "mvn -B package", first: []string{"pom.xml"}, forms: mavenForms,
	},
}

// Tools are the programs that projects use and base images of tests lack.
func Tools() []string {
	return slices.Clone([]string{"apk", "apt-get", "bundle", "cargo", "composer", "curl", "go", "mvn", "node", "npm", "php", "pip", "pnpm", "python", "yarn"})
}
