//go:build !unix

package sources

const nonblocking = 0
