package faulty

import "github.com/oizys-protocol/oizys/spec"

// Faults returns every defect of a role, grouped by class; none for a role of which there is no faulty peer. The slice
// is the caller's own.
func Faults(role spec.Role) []Fault { return joined(role, faultGroups(role), false) }

// Habits returns the odd ways that conform, of a role. The slice is the caller's own.
func Habits(role spec.Role) []Fault { return joined(role, habitGroups(role), true) }

func joined(role spec.Role, groups []group, odd bool) []Fault {
	var all []Fault
	for _, g := range groups {
		all = append(all, g.of(role, odd)...)
	}
	return all
}

// group makes some faults, or some habits. A peer makes no more of them than it takes to find its own: it may be a process
// for each message, and is to start fast.
type group func() []Fault

// of makes the group's faults, or habits, those of a role.
func (g group) of(role spec.Role, odd bool) []Fault {
	faults := g()
	for i := range faults {
		faults[i].Role = role
		if odd {
			faults[i].Odd, faults[i].Class = true, Conformity
		}
	}
	return faults
}

func faultGroups(role spec.Role) []group {
	switch role {
	case spec.Server:
		return []group{
			byteOrderFaults, widthFaults, layoutFaults, boundaryFaults, reservedFaults, emptyFaults,
			segmentationFaults, shortWriteFaults, textFaults, orderFaults, bufferReuseFaults, stateFaults,
			concurrencyFaults, unsolicitedFaults, idleFaults, closeFaults, truncationFaults, crashFaults,
			hangFaults, leakFaults,
		}
	case spec.Client:
		return []group{
			requestHeaderFaults, requestTextFaults, requestSendFaults,
			answerHeaderFaults, answerTextFaults, answerSizeFaults, answerPieceFaults,
			invalidAnswerFaults, clientSessionFaults,
		}
	case spec.Driver:
		return []group{driverFaults}
	default:
		return nil
	}
}

func habitGroups(role spec.Role) []group {
	switch role {
	case spec.Server:
		return []group{paceHabits, socketHabits, sessionHabits, processHabits, outputHabits, endHabits, memoryHabits}
	case spec.Client:
		return []group{clientOutputHabits, clientSessionHabits, clientEndHabits}
	case spec.Driver:
		return []group{driverHabits}
	default:
		return nil
	}
}
