#!/bin/sh
# Stands for package managers in the proofs of fixes. A tool reads the files that the real one reads,
# fails if one is missing that the real one cannot do without, and writes to where the real one writes:
# something that tells of all that it was given, of its owner and of the directory.
set -eu

# install FOLDER FILE... [-- OPTIONAL...]
install() {
	folder=$1
	shift
	mkdir -p "$folder"
	{
		echo "$call in $(pwd) as $(id -u)"
		needed=true
		for file; do
			if [ "$file" = -- ]; then
				needed=false
			elif [ -e "$file" ]; then
				echo "$file:" && cat "$file"
			elif $needed; then
				echo "$call: $file is missing" >&2
				exit 1
			fi
		done
	} >"$folder/.installed"
}

# build FILE: FILE tells of all files here, but not of those that a fix may change itself.
build() {
	find . -type f ! -name Dockerfile ! -name .dockerignore | sort | xargs cat >/tmp/built
	mkdir -p "$(dirname "$1")"
	mv /tmp/built "$1"
}

call="${0##*/} $*"
case $call in
"bundle install --deployment") install vendor/bundle Gemfile Gemfile.lock && install .bundle ;;
"bun install"*) install node_modules package.json bun.lock ;;
"cargo fetch"*) install /usr/local/cargo/registry Cargo.toml Cargo.lock ;;
"composer install"*) install vendor composer.json composer.lock ;;
"dart pub get"*) install /root/.pub-cache pubspec.yaml pubspec.lock && install .dart_tool ;;
"dotnet restore"*) install /root/.nuget/packages *.csproj -- nuget.config && install obj ;;
"gleam deps download"*) install build/packages gleam.toml manifest.toml ;;
"go mod download"*) install /go/pkg/mod/cache go.mod go.sum ;;
"gradle "*dependencies*) install /root/.gradle/caches build.gradle -- settings.gradle gradle.properties ;;
"mix deps.get"*) install deps mix.exs mix.lock ;;
"mvn "*dependency:go-offline*) install /root/.m2/repository pom.xml ;;
"npm ci"*) rm -rf node_modules/* && install node_modules package.json package-lock.json -- .npmrc ;;
"pip install -r "*) install /usr/lib/python3/site-packages "${call##* }" -- constraints.txt requirements/base.txt ;;
"pipenv install"*) install /usr/lib/python3/site-packages Pipfile Pipfile.lock ;;
"pnpm install"*) install node_modules package.json pnpm-lock.yaml -- pnpm-workspace.yaml .npmrc ;;
"poetry install"*) install /usr/lib/python3/site-packages pyproject.toml poetry.lock -- poetry.toml ;;
"shards install"*) install lib shard.yml shard.lock ;;
"terraform init"*) install .terraform main.tf .terraform.lock.hcl ;;
"uv sync"*) install .venv pyproject.toml uv.lock -- uv.toml .python-version ;;
"yarn install"*) install node_modules package.json yarn.lock ;;
"npm run build") build dist/bundle.js ;;
"apt-get update" | "apk update") install /var/lib/apt/lists ;;
"apt-get install"* | "apk add"*) install /var/lib/dpkg/info ;;
*) build /tmp/out ;;
esac
