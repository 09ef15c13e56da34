// Command openb replays a real trace through the real services: some 8,150 pods of a
// GPU cluster of Alibaba, on its 1,213 GPU nodes cut into 32 simulated clusters.
//
// The trace is public: alibaba/clusterdata, cluster-trace-gpu-v2023, in the CSV
// form of hkust-adsl/kubernetes-scheduler-simulator (Apache-2.0). It is read
// where it lies (-trace DIR) and never copied.
//
// An embedded server with JetStream (sync always) runs in this process, and so do
// the agents of the clusters; placement is a process of its own, the same binary
// that users run, so that it can be killed in the middle (-kill). Pods arrive in
// the order of the trace and stay, as in the packing experiments made with it.
//
// At the end the outcome is read from the log and the clusters alone: no node was
// ever overdrawn, every command number was applied, rejected or superseded, the
// replicas running equal the last decisions. The process fails if one does not hold.
//
// Begin reading at main.go; the way of the replay is trace.go → fleet.go →
// replay.go → ledger.go → verdict.go.
package main
