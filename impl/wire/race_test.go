//go:build race

package wire_test

const raceBuild = true
