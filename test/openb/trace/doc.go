// Package trace reads the openb trace: nodes and pods of a GPU cluster of Alibaba
// (cluster-trace-gpu-v2023), in the CSV form of hkust-adsl's simulator. It reads the
// files where they lie, and changes nothing. Begin with [Machines] and [Pods].
package trace
