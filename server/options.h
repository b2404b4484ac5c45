// SPDX-License-Identifier: Apache-2.0
// What the server can be told when it starts: a plain struct, checked once, never changed after.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/faults/fault_options.h"

namespace normbench {

struct ServerOptions {
  std::string listen = "127.0.0.1:8001";  // gRPC, HOST:PORT; port 0 takes a free one
  std::string http = "127.0.0.1:8002";    // metrics and health, HOST:PORT; port 0 likewise
  std::string models;                     // folder of the model repository; empty: no models
  std::string model_control = "none";     // none: all models, once | explicit: clients load them |
                                          // poll: all models, as their folders change
  double poll_seconds = 15;               // poll: between two looks at the folders
  std::vector<std::string> load_models;   // explicit: those to begin with; *: all
  std::string device = "auto";            // auto | cpu | cuda | cuda:N
  int workers = 0;                        // threads that compute; 0: one per usable core
  int64_t memory_budget = 0;              // bytes; 0: the smaller of 4 GB and half of the memory
  int max_queued = 1024;                  // requests that wait for a worker
  double drain_seconds = 30;              // what running requests get to end after SIGTERM
  double ready_gap_seconds = 1;           // between saying "not ready" and refusing connections
  bool strict_readiness = false;          // ready only while no model has failed to load
  std::string shared_memory = "auto";    // on | off | auto: on where --listen is a loopback address
  double audit_batching = 0;             // share of batches that run again, alone: BatchAudit
  bool allow_compression = false;        // accept gzip and deflate messages
  bool allow_faults = false;             // what follows may be asked for
  double fault_stall_seconds = 0;        // all workers stand still once for so long; 0: never
  double fault_stall_after_seconds = 1;  // after the first request
  FaultOptions faults;                   // what is slow or wrong
  std::string trace_file;                // JSON lines of traced requests; empty: none is traced
  int64_t trace_rate = 1000;             // every so many requests one is traced; 0: those whose
                                         // traceparent is sampled
  std::string history;                   // file of runs on request; empty: there are none
  int history_keep = 10000;              // of the runs that have ended the newest so many ...
  double history_days = 90;              // ... that ended in the last so many days
  double max_run_seconds = 3600;         // that the plan of one run on request may take
  std::string ports_file;                // JSON with the addresses in use, written once ready
};

// How a memory budget is divided. Peak memory is 2.2 to 2.7 times gRPC's quota, hence the thirds.
struct MemoryShares {
  int64_t grpc_quota = 0;   // what gRPC may hold of messages in transfer
  int64_t admitted = 0;     // inputs, outputs and workspace of admitted requests
  int64_t max_message = 0;  // one request; so that its input and output fit into `admitted`
  int64_t pooled = 0;       // buffers kept for the next request
  int kept_mebibytes = 0;   // what an arena of the allocator keeps, see KeepLargeBlocks()
};

// Returns INVALID_ARGUMENT naming the flag, its value and what is allowed. Pure: whether a port is
// free, a device is here or a folder can be read shows when the server starts.
absl::Status Validate(const ServerOptions& options);

// Whether clients may register shared memory. Who can, can read and write what this process may in
// the system's shared memory: by default those of this machine.
bool SharesMemory(const ServerOptions& options);

// Replaces the zeros that mean "as this machine has it". REQUIRES: Validate(options).ok().
ServerOptions WithMachineDefaults(ServerOptions options, int cpus, double memory_bytes);

MemoryShares Divide(int64_t memory_budget);

}  // namespace normbench
