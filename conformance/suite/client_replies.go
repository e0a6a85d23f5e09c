package suite

import (
	"context"
	"time"
)

// replies are the cases of valid replies that a vector cannot say.
func replies() []Case {
	return nil
}

// invalidReplies are the cases of replies that are none, with content that shows wherever it is printed.
func invalidReplies() []Case { return nil }

func clientSessions() []Case { return nil }

func clientSilences() []Case { return nil }

func ends() []Case { return nil }

var _ = context.Background
var _ = time.Now
