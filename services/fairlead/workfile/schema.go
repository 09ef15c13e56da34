package workfile

import "fairlead.dev/schemas"

// The schemas of the two forms of a workload: as people write it, and as the event
// carries it, so that what the product prints can be submitted again.
const (
	written = schemas.WorkloadFile
	carried = "workload/submitted/v1.json"
)
