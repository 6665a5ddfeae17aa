package copies_test

import (
	"strings"
	"testing"

	"layerwise/build/copies"
	"layerwise/build/files"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
)

// TestMade: what the Dockerfile itself makes is not expected in the build context; all else that a command needs is.
func TestMade(t *testing.T) {
	bc := files.InMemory(map[string]string{"app.js": ""})
	for _, c := range []struct {
		steps string // below WORKDIR /app and COPY . .
		lacks bool
	}{
		{"RUN npm ci", true},
		{"RUN npm init -y && npm install", false},
		{"RUN npm init -y\nRUN npm install", false},
		{"RUN npm install express && npm install", false},
		{"RUN cd /tmp && npm init -y && cd /app && npm install", true},
		{"RUN mkdir x && cd x && npm init -y && npm install", false},
		{"RUN cargo init --name x && cargo fetch", false},
		{"RUN cargo new x && cd x && cargo build", false},
		{"RUN go mod init app && go mod download", false},
		{"RUN composer init -n && composer install", false},
		{"RUN poetry init -n && poetry install --no-root", false},
		{"RUN poetry new x && cd x && poetry install --no-root", false},
		{"RUN uv init && uv sync", false},
		{"RUN bundle init && bundle install", false},
		{"RUN dotnet new console && dotnet restore", false},
		{"RUN gradle init && gradle build", false},
		{"RUN mvn archetype:generate && mvn package", false},
		{"RUN mix new . && mix deps.get", false},
		{"RUN rails new . && bundle install", false},
		{"RUN yarn init -y && yarn install", false},
		{"RUN npx create-vite x && cd x && npm ci", false},
		{"RUN pip install -r requirements.txt", true},
		{"RUN touch requirements.txt && pip install -r requirements.txt", false},
		{"RUN echo flask > requirements.txt && pip install -r requirements.txt", false},
		{"RUN { echo flask; } > requirements.txt; pip install -r requirements.txt", false},
		{"RUN echo flask | tee requirements.txt\nRUN pip install -r requirements.txt", false},
		{"RUN sh -c 'echo flask > requirements.txt' && pip install -r requirements.txt", false},
		{"ENV D=/app\nRUN echo flask > $D/requirements.txt && pip install -r requirements.txt", false},
		{"RUN <<END\necho flask > requirements.txt\npip install -r requirements.txt\nEND", false},
		{"RUN cat > requirements.txt <<END\nflask\nEND\nRUN pip install -r requirements.txt", false},
		{"RUN uv export -o requirements.txt && pip install -r requirements.txt", false},
		{"RUN curl -O https://example.com/requirements.txt && pip install -r requirements.txt", false},
		{"RUN git clone https://example.com/x.git . && npm ci", false},
		{"RUN cp /etc/package.json . && npm ci", false},
		{"RUN tar xf /x.tgz -C /app && npm ci", false},
		{"COPY <<END package.json\n{}\nEND\nRUN npm install", false},
		{"COPY <<package.json ./\n{}\npackage.json\nRUN npm install", false},
		{"COPY --from=other /x/package.json ./\nRUN npm install", false},
		{"COPY --from=other /x/ ./\nRUN npm install", false},
		{"COPY --from=composer /usr/bin/composer /usr/bin/\nRUN composer install", true},
		{"ADD https://example.com/requirements.txt ./\nRUN pip install -r requirements.txt", false},
		{"RUN make", true},
		{"RUN echo all: > Makefile && make", false},
		{"RUN cmake . && make", false},
		{"RUN ./build.sh", true},
		{"RUN curl -o build.sh https://example.com/x && ./build.sh", false},
		// None of these makes a manifest.
		{"RUN mkdir -p out && npm ci", true},
		{"RUN chown -R node . && npm ci", true},
		{"RUN touch ready && npm ci", true},
		{"RUN pip install -U pip && pip install -r requirements.txt", true},
		{"RUN npm install -g pnpm && pnpm install", true},
		{"RUN apt-get update && apt-get install -y curl && npm ci", true},
	} {
		src := "FROM acme/base:1\nWORKDIR /app\nCOPY . .\n" + c.steps + "\n"
		g := stages.Resolve(syntax.Parse(src), stages.Args{}, nil)
		if got := copies.Weigh(bc, g, nil, nil).Of(g.Stages[0]).Lacks; got != c.lacks {
			t.Errorf("%s: the context lacks something: %v, want %v", strings.ReplaceAll(c.steps, "\n", `\n`), got, c.lacks)
		}
	}
	// What the stage below was given is there too.
	src := "FROM acme/base:1 AS base\nWORKDIR /app\nRUN npm init -y\nFROM base\nCOPY . .\nRUN npm install\n"
	g := stages.Resolve(syntax.Parse(src), stages.Args{}, nil)
	if copies.Weigh(bc, g, nil, nil).Of(g.Stages[1]).Lacks {
		t.Error("package.json of the stage that this one builds on is expected in the context")
	}
}
