// Package bakeoracle compares the reader of bake files with docker/buildx itself. It is a module of its own:
// buildx has 183 modules, which nobody should need who builds Layerwise.
package bakeoracle
