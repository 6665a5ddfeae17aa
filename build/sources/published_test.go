package sources

import "testing"

// TestForUsers: what is published is for users, unless a name of the image says otherwise, or none is known.
func TestForUsers(t *testing.T) {
	workflow := func(run string) string {
		return "on: push\njobs:\n  image:\n    runs-on: ubuntu-latest\n    steps:\n    - uses: actions/checkout@v4\n    - run: |\n        " + run + "\n"
	}
	action := func(with string) string {
		return "on: push\njobs:\n  image:\n    runs-on: ubuntu-latest\n    steps:\n    - uses: docker/build-push-action@v6\n      with: {context: ., file: Dockerfile.dev, " + with + "}\n"
	}
	const at = ".github/workflows/image.yml"
	for _, c := range []struct {
		what, file, text string
		want             bool
	}{
		{"pushed by an action", at, action("push: true, tags: acme/app:latest"), true},
		{"not pushed", at, action("push: false, tags: acme/app:latest"), false},
		{"the version is known when it runs", at, action("push: true, tags: 'acme/app:${{ github.ref_name }}-amd64'"), true},
		{"the image is known when it runs", at, action("push: true, tags: '${{ steps.meta.outputs.tags }}'"), false},
		{"a tag for developers", at, action("push: true, tags: 'acme/app:${{ github.ref_name }}-dev'"), false},
		{"a tag of tests among others", at, action("push: true, tags: 'acme/app:latest,acme/app:test'"), false},
		{"an image to build with", at, action("push: true, tags: acme/app-builder:latest"), false},
		{"a cache", at, action("push: true, tags: acme/app:buildcache"), false},
		{"pushed by a command", at, workflow("docker build -t acme/app -f Dockerfile.dev . && docker push acme/app"), true},
		{"pushed by the build", at, workflow("docker buildx build --push -t acme/app -f Dockerfile.dev ."), true},
		{"pushed by the output", at, workflow("docker buildx build --output type=registry -t acme/app -f Dockerfile.dev ."), true},
		{"pushed by the output, which names it", at, workflow("docker buildx build --output type=image,name=acme/app,push=true -f Dockerfile.dev ."), true},
		{"another image is pushed", at, workflow("docker build -t acme/app -f Dockerfile.dev . && docker push acme/web"), false},
		{"pushed by the workflow of tests", ".github/workflows/test.yml", action("push: true, tags: acme/app:latest"), false},
		{"the folder is for tests", at, workflow("docker buildx build --push -t acme/app tests"), false},
		{"compose", "compose.yaml", "services:\n  app: {image: acme/app, build: {context: ., dockerfile: Dockerfile.dev}}\n", false},
		{"woodpecker", ".woodpecker.yml", "steps:\n- name: image\n  image: woodpeckerci/plugin-docker-buildx\n  settings: {dockerfile: Dockerfile.dev, repo: acme/app, tags: latest}\n", true},
		{"goreleaser", ".goreleaser.yml", "dockers:\n- {dockerfile: Dockerfile.dev, image_templates: ['acme/app:{{ .Tag }}']}\n", true},
	} {
		t.Run(c.what, func(t *testing.T) {
			files := &Files{overlay: map[string]string{c.file: c.text, "Dockerfile.dev": "FROM alpine\n", "tests/Dockerfile": "FROM alpine\n"}}
			all := disk(files).read(c.file)
			if len(all) == 0 || len(all[0].builds) != 1 {
				t.Fatalf("read %v", all)
			}
			if b := all[0].builds[0]; b.ForUsers() != c.want {
				t.Errorf("for users: %t, of %v, also named %q", b.ForUsers(), b, b.partly)
			}
		})
	}
}
