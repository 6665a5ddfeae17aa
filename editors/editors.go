// Package editors holds what makes editors and CI systems use Layerwise: the files in its folders, and
// the blocks of code in their pages. So people read what the program writes, and the tests use both.
package editors

import (
	"embed"
	"strings"
)

//go:embed */README.md jetbrains/template neovim/lsp neovim/plugin
var files embed.FS

// A Setup makes an editor or a CI system use Layerwise.
type Setup struct {
	Name  string // on the command line
	Title string // for people
	Files []File
	Then  string // what is left to do; may be empty
}

// A File goes to Path, which is relative to the repository, or to the working directory if it begins
// with ./ or to the home folder if with ~/ or to that of configurations if with ~/.config/. Some systems
// have it elsewhere.
type File struct {
	Source          string // in this folder
	Content         string // what it holds, instead of Source
	Block           string // if Source is a page: words of the block in it that is meant
	Path            string
	Windows, Darwin string
}

// Text is what the file holds.
func (f File) Text() string {
	if f.Source == "" {
		return f.Content
	}
	text, err := files.ReadFile(f.Source)
	if err != nil {
		panic(err) // it was there when the program was built
	}
	if f.Block == "" {
		return string(text)
	}
	return block(string(text), f.Block)
}

// block returns the first of the page's blocks of code that has the words. It is empty if none has.
func block(page, words string) string {
	parts := strings.Split("\n"+page, "\n```")
	for i := 1; i < len(parts); i += 2 {
		if _, code, ok := strings.Cut(parts[i], "\n"); ok && strings.Contains(code, words) {
			return code + "\n"
		}
	}
	return ""
}

// Editors are the setups for editors, and CI those for CI systems.
var (
	Editors = []Setup{
		{
			Name: "coc", Title: "Vim with coc.nvim",
			Files: []File{{Source: "vim/README.md", Block: `"languageserver"`, Path: "~/.vim/coc-settings.json", Windows: "~/vimfiles/coc-settings.json"}},
		},
		{
			Name: "emacs", Title: "Emacs with eglot",
			Files: []File{{Source: "emacs/README.md", Block: "eglot-server-programs", Path: "~/.emacs.d/layerwise.el", Windows: "$APPDATA/.emacs.d/layerwise.el"}},
			Then:  `Then, in your init file: (load (locate-user-emacs-file "layerwise"))`,
		},
		{
			Name: "helix", Title: "Helix",
			Files: []File{{Source: "helix/README.md", Block: "[[language]]", Path: "~/.config/helix/languages.toml", Windows: "$APPDATA/helix/languages.toml"}},
		},
		{
			Name: "jetbrains", Title: "JetBrains' editors with the plugin LSP4IJ",
			Files: lsp4ij("template.json", "settings.json", "settings.schema.json", "initializationOptions.json", "clientSettings.json", "README.md"),
			Then:  "Then, in Settings > Languages & Frameworks > Language Servers > +: Template > Import from custom template, and choose the folder layerwise-lsp4ij.",
		},
		{
			Name: "kate", Title: "Kate",
			Files: []File{{Source: "kate/README.md", Block: `"servers"`, Path: "~/.config/kate/lspclient/settings.json", Windows: "$LOCALAPPDATA/kate/lspclient/settings.json"}},
			Then:  "Then, in Kate: Settings > Configure Kate > Plugins > LSP Client.",
		},
		{
			Name: "neovim", Title: "Neovim 0.7 and later",
			Files: []File{neovim("lsp/layerwise.lua"), neovim("plugin/layerwise.lua")},
		},
		{
			Name: "sublime", Title: "Sublime Text with the package LSP",
			Files: []File{{
				Source: "sublime/README.md", Block: `"selector"`, Path: "~/.config/sublime-text/Packages/User/LanguageServers.sublime-settings",
				Windows: "$APPDATA/Sublime Text/Packages/User/LanguageServers.sublime-settings",
				Darwin:  "~/Library/Application Support/Sublime Text/Packages/User/LanguageServers.sublime-settings",
			}},
		},
		{
			Name: "vim-ale", Title: "Vim with ALE",
			Files: []File{vim("linter#Define")},
		},
		{
			Name: "vim-lsp", Title: "Vim with vim-lsp",
			Files: []File{vim("lsp#register_server")},
		},
		{
			Name: "vscode", Title: "VS Code: safe fixes on save, for the extension",
			Files: []File{{Source: "vscode/README.md", Block: "source.fixAll.layerwise", Path: ".vscode/settings.json"}},
			Then:  "The extension itself comes from a clone: make vsix, then code --install-extension editors/vscode/build/layerwise-*.vsix",
		},
		{
			Name: "zed", Title: "Zed with its Dockerfile extension",
			Files: []File{{Source: "zed/README.md", Block: `"dockerfile-language-server"`, Path: "~/.config/zed/settings.json", Windows: "$APPDATA/Zed/settings.json"}},
			Then:  "Write the whole path of layerwise, as command -v layerwise prints it, in the place of /usr/local/bin/layerwise.",
		},
	}
	CI = []Setup{
		{
			Name: "github", Title: "GitHub Actions, with findings at the lines of a pull request and under Security",
			Files: []File{{Source: "ci/README.md", Block: "uses: OWNER/", Path: ".github/workflows/layerwise.yml"}},
			Then:  owner,
		},
		{
			Name: "gitlab", Title: "GitLab CI, with findings in the code quality report",
			Files: []File{{Source: "ci/README.md", Block: "codequality", Path: ".gitlab-ci.yml"}},
			Then:  owner,
		},
		{
			Name: "pre-commit", Title: "pre-commit, which checks the Dockerfiles of a commit",
			Files: []File{{Source: "ci/README.md", Block: "repo: local", Path: ".pre-commit-config.yaml"}},
			Then:  "Then: pre-commit install",
		},
	}
)

const owner = "Write the owner of the repository that Layerwise comes from in the place of OWNER."

func neovim(name string) File {
	return File{Source: "neovim/" + name, Path: "~/.config/nvim/" + name, Windows: "$LOCALAPPDATA/nvim/" + name}
}

// vim is a block that Vim reads when the plugins are loaded.
func vim(block string) File {
	const name = "after/plugin/layerwise.vim"
	return File{Source: "vim/README.md", Block: block, Path: "~/.vim/" + name, Windows: "~/vimfiles/" + name}
}

// lsp4ij are the files of the template for LSP4IJ, in a folder to be chosen in the editor.
func lsp4ij(names ...string) (all []File) {
	for _, name := range names {
		all = append(all, File{Source: "jetbrains/template/" + name, Path: "./layerwise-lsp4ij/" + name})
	}
	return all
}
