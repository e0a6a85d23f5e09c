package live

import (
	"context"
	"fmt"
)

func runClient(context.Context, Options, *Summary) error {
	return fmt.Errorf("%w: clients cannot be fuzzed yet", ErrUsage)
}
