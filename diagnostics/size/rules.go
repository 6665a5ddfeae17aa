// Package size holds the rules of the size family.
package size
