#!/bin/sh
# Stands for package managers in the proofs of fixes. A tool reads the files that the real one reads,
# fails if one is missing that the real one cannot do without, and writes to where the real one writes:
# something that tells of all that it was given, of its owner and of the directory.
set -eu

# expanded FILE: the values of the variables that the file names as ${NAME} or ${env.NAME}.
expanded() {
	grep -o '[$]{[A-Za-z_.]*}' "$1" | tr -d '${}' | while read -r name; do
		eval "echo $name is \"\${${name#env.}-not set}\""
	done
}

# lifecycle FILE: runs what the file has of scripts for installs, unless told not to.
lifecycle() {
	case $call in *--ignore-scripts* | *--no-scripts*) return ;; esac
	sed -n 's/.*"\(postinstall\|prepare\|post-install-cmd\)":"\([^"]*\)".*/\2/p' "$1" | while read -r script; do
		sh -c "$script"
	done
}

# listed FILE: a file of requirements, and those that it names.
listed() {
	cat "$1" && expanded "$1"
	while read -r word rest; do
		case $word in
		-r | -c) listed "$(dirname "$1")/$rest" ;;
		-e) find "$rest" -name '*.py' | sort | xargs cat ;;
		./*) find "$word" -type f | sort | xargs cat ;;
		esac
	done <"$1"
}

# pip writes where its options say.
pip() {
	folder=/usr/lib/python3/site-packages
	case $0 in */.venv/bin/pip) folder=.venv/lib ;; esac
	lists="${PIP_REQUIREMENT:-} ${PIP_CONSTRAINT:-}"
	while [ $# -gt 0 ]; do
		case $1 in
		-r | -c | --constraint) lists="$lists $2" && shift ;;
		--requirement=*) lists="$lists ${1#*=}" ;;
		--target | -t) folder=$2 && shift ;;
		--log) echo "$call" >>"$2" && shift ;;
		esac
		shift
	done
	mkdir -p "$folder"
	{
		echo "$call in $(pwd) as $(id -u)"
		for list in $lists; do listed "$list"; done
	} >>"$folder/.installed"
}

# download OPTION...: a file that tells where it is from.
download() {
	for url; do :; done
	to=${url##*/}
	while [ $# -gt 1 ]; do
		case $1 in *o) to=$2 ;; esac
		shift
	done
	echo "$url" >"$to"
}

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
				echo "$file:" && cat "$file" && expanded "$file"
			elif $needed; then
				echo "$call: $file is missing" >&2
				exit 1
			fi
		done
	} >"$folder/.installed"
}

# build FILE: FILE tells of all files here, but not of those that a fix may change itself.
build() {
	find . -xdev -type f ! -name Dockerfile ! -name .dockerignore ! -path ./tmp/built | sort | xargs cat >/tmp/built
	mkdir -p "$(dirname "$1")"
	mv /tmp/built "$1"
}

# Options that name a folder to work in, or files.
tool=${0##*/}
more=
gemfile=${BUNDLE_GEMFILE:-Gemfile}
gomod=
case $tool in
bundle | cargo | composer | go | mvn | npm | pnpm | yarn)
	left=
	while [ $# -gt 0 ]; do
		case $tool:$1 in
		npm:--prefix) mkdir -p "$2" && cd "$2" && shift ;;
		yarn:--cwd | pnpm:--dir | composer:-d) cd "$2" && shift ;;
		npm:--prefix=*) cd "${1#*=}" ;;
		npm:--userconfig | mvn:-s) more=$2 && shift ;;
		cargo:--manifest-path | mvn:-f) cd "$(dirname "$2")" && shift ;;
		go:-modfile=*) gomod=${1#*=} ;;
		bundle:--gemfile=*) gemfile=${1#*=} ;;
		*) left="$left $1" ;;
		esac
		shift
	done
	set -f
	set -- $left
	set +f
	;;
esac
case $tool in npm | pnpm | yarn) more=${more:-${NPM_CONFIG_USERCONFIG:-}} ;; esac
if [ -n "$gomod" ]; then more="$gomod ${gomod%.mod}.sum"; fi
manifest=${COMPOSER:-composer.json}
call="$tool $*"
case $call in
"bundle install --deployment") install vendor/bundle Gemfile Gemfile.lock && install .bundle ;;
"bundle install"*) install "${BUNDLE_PATH:-/usr/local/bundle}" "$gemfile" "$gemfile.lock" -- .bundle/config .ruby-version ;;
"bundle config set --local"*) mkdir -p .bundle && echo "$call" >>.bundle/config ;;
"bun install"*) install node_modules package.json bun.lock ;;
"cargo fetch"*) install /usr/local/cargo/registry Cargo.toml Cargo.lock ;;
"composer install"*) install vendor "$manifest" "${manifest%.json}.lock" && lifecycle "$manifest" ;;
"curl "*) download "$@" ;;
"dart pub get"*) install /root/.pub-cache pubspec.yaml pubspec.lock && install .dart_tool ;;
"dotnet restore"*) install /root/.nuget/packages *.csproj -- nuget.config && install obj ;;
"dotnet tool install --global "*) install /root/.dotnet/tools -- global.json ;;
"gleam deps download"*) install build/packages gleam.toml manifest.toml ;;
"go mod download"*) install /go/pkg/mod/cache go.mod ${more:-go.sum} $(sed -n 's/^replace .* => \(.*\)/\1\/go.mod/p' "${gomod:-go.mod}") ;; # go.mod itself is not read where another file takes its place
"gradle "*dependencies*) install /root/.gradle/caches build.gradle -- settings.gradle gradle.properties ;;
"mix deps.get"*) install deps mix.exs mix.lock ;;
"mvn "*dependency:go-offline*) install /root/.m2/repository pom.xml $more ;;
"npm ci"*) rm -rf node_modules/* && install node_modules package.json package-lock.json $more -- .npmrc && lifecycle package.json ;;
"npm install -g "*) install /usr/local/lib/node_modules -- .npmrc ;;
"npm root -g") echo /usr/local/lib/node_modules ;;
"npm install "*) install node_modules -- package.json .npmrc ;;
"npm install")
	install node_modules package.json $more -- package-lock.json .npmrc && lifecycle package.json
	# It notes what the lock does not have yet.
	if grep -q '"dependencies":{"new"' package.json; then echo >>package-lock.json; fi
	;;
"pip install "*) pip "$@" ;;
"python -m pip install "*) pip "$@" ;;
"python -m venv "*) mkdir -p "$3/bin" && ln -s /usr/local/bin/pip "$3/bin/pip" ;;
"pipenv install"*) install /usr/lib/python3/site-packages Pipfile Pipfile.lock ;;
"pnpm install"*) install node_modules package.json pnpm-lock.yaml $more -- pnpm-workspace.yaml .npmrc && lifecycle package.json ;;
"poetry install"*) install /usr/lib/python3/site-packages pyproject.toml poetry.lock -- poetry.toml ;;
"shards install"*) install lib shard.yml shard.lock ;;
"terraform init"*) install .terraform main.tf .terraform.lock.hcl ;;
"uv sync"*) install .venv pyproject.toml uv.lock -- uv.toml .python-version ;;
"yarn install"*) install node_modules package.json yarn.lock $more -- .npmrc && lifecycle package.json ;;
"npm run build") build dist/bundle.js ;;
"apt-get update" | "apk update") install /var/lib/apt/lists ;;
"apt-get install"* | "apk add"*) install /var/lib/dpkg/info ;;
*) build /tmp/out ;;
esac
