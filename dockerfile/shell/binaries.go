package shell

import "strings"

// binaries are the packages of npm that bring a program of another name; sorted by program.
var binaries = map[string]string{
	"babel": "@babel/cli", "electron-rebuild": "@electron/rebuild", "nest": "@nestjs/cli", "ng": "@angular/cli", "ngcc": "@angular/compiler-cli",
	"playwright": "@playwright/test", "run-p": "npm-run-all", "run-s": "npm-run-all", "sb": "storybook", "tsc": "typescript", "vue-cli-service": "@vue/cli-service",
	"webpack": "webpack-cli",
}

// PackageBrings reports whether a package of npm or Composer brings the program, by its name. One that only describes another
// package brings none: @types/node.
func PackageBrings(pkg, program string) bool {
	if strings.HasPrefix(pkg, "@types/") {
		return false
	}
	return pkg == program || binaries[program] == pkg || strings.HasSuffix(pkg, "/"+program)
}
