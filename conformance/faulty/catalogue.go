package faulty

import "slices"

// Faults returns every defect, grouped by class. The slice is the caller's own.
func Faults() []Fault {
	return slices.Concat(
		byteOrderFaults(), widthFaults(), emptyFaults(), segmentationFaults(), textFaults(), closeFaults(),
		stateFaults(), leakFaults(), crashFaults(),
	)
}

// Habits returns the odd ways that conform. The slice is the caller's own.
func Habits() []Fault { return nil }
