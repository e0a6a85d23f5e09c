package faulty

import "slices"

// Faults returns every defect, grouped by class. The slice is the caller's own.
func Faults() []Fault {
	return slices.Concat(
		byteOrderFaults(), widthFaults(), layoutFaults(), boundaryFaults(), reservedFaults(), emptyFaults(),
		segmentationFaults(), shortWriteFaults(), textFaults(), orderFaults(), bufferReuseFaults(), stateFaults(),
		concurrencyFaults(), unsolicitedFaults(), idleFaults(), closeFaults(), truncationFaults(), crashFaults(),
		hangFaults(), leakFaults(),
	)
}
