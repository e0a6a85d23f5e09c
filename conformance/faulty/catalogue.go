package faulty

import (
	"slices"

	"github.com/oizys-protocol/oizys/spec"
)

// Faults returns every defect of a role, grouped by class; none for a role of which there is no faulty peer. The slice
// is the caller's own.
func Faults(role spec.Role) []Fault {
	switch role {
	case spec.Server:
		return of(role, serverFaults())
	case spec.Client:
		return of(role, clientFaults())
	case spec.Driver:
		return of(role, driverFaults())
	default:
		return nil
	}
}

// Habits returns the odd ways that conform, of a role. The slice is the caller's own.
func Habits(role spec.Role) []Fault {
	var all []Fault
	switch role {
	case spec.Server:
		all = of(role, serverHabits())
	case spec.Client:
		all = of(role, clientHabits())
	case spec.Driver:
		all = of(role, driverHabits())
	}
	for i := range all {
		all[i].Odd, all[i].Class = true, Conformity
	}
	return all
}

// of gives faults their role.
func of(role spec.Role, faults []Fault) []Fault {
	for i := range faults {
		faults[i].Role = role
	}
	return faults
}

func serverFaults() []Fault {
	return slices.Concat(
		byteOrderFaults(), widthFaults(), layoutFaults(), boundaryFaults(), reservedFaults(), emptyFaults(),
		segmentationFaults(), shortWriteFaults(), textFaults(), orderFaults(), bufferReuseFaults(), stateFaults(),
		concurrencyFaults(), unsolicitedFaults(), idleFaults(), closeFaults(), truncationFaults(), crashFaults(),
		hangFaults(), leakFaults(),
	)
}

func serverHabits() []Fault {
	return slices.Concat(
		paceHabits(), socketHabits(), sessionHabits(), processHabits(), outputHabits(), endHabits(), memoryHabits(),
	)
}

func clientFaults() []Fault {
	return slices.Concat(
		requestHeaderFaults(), requestTextFaults(), requestSendFaults(),
		answerHeaderFaults(), answerTextFaults(), answerSizeFaults(), answerPieceFaults(),
		invalidAnswerFaults(), clientSessionFaults(),
	)
}

func clientHabits() []Fault {
	return slices.Concat(clientOutputHabits(), clientSessionHabits(), clientEndHabits())
}
