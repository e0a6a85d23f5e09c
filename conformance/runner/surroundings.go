package runner

import (
	"fmt"
	"os"
	"strings"
)

// checkSurroundings reports what is wrong with the peer's environment and working directory.
func (o *Options) checkSurroundings() error {
	if o.Attach != "" && (o.Dir != "" || len(o.Env) > 0) {
		return fmt.Errorf("%w: an attached server runs already: --env and --dir are for a command", ErrUsage)
	}
	for _, entry := range o.Env {
		name, _, is := strings.Cut(entry, "=")
		switch {
		case !is || name == "":
			return fmt.Errorf("%w: --env %q is not NAME=VALUE", ErrUsage, entry)
		case strings.Contains(entry, "\x00"):
			return fmt.Errorf("%w: --env %q has a NUL in it, which no environment holds", ErrUsage, entry)
		case name == "OIZYS_SOCKET" || name == "OIZYS_RUN":
			return fmt.Errorf("%w: --env %s: the run gives that variable its value itself", ErrUsage, name)
		}
	}
	if o.Dir == "" {
		return nil
	}
	switch info, err := os.Stat(o.Dir); {
	case err != nil:
		return fmt.Errorf("%w: --dir: %v", ErrUsage, err)
	case !info.IsDir():
		return fmt.Errorf("%w: --dir: %q is no directory", ErrUsage, o.Dir)
	}
	return nil
}

// surroundings are the flags that say them again.
func (o *Options) surroundings() []string {
	var words []string
	for _, entry := range o.Env {
		words = append(words, "--env", entry)
	}
	if o.Dir != "" {
		words = append(words, "--dir", o.Dir)
	}
	return words
}
