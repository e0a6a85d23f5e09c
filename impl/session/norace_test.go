//go:build !race

package session_test

const raceBuild = false
