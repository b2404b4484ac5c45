// SPDX-License-Identifier: Apache-2.0
// The comparisons of rpc_bench that ask for inference.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/micro/rpc/rpc_cases.h"
#include "bench/stats/pairs.h"

namespace normbench {

// Makes the repository `folder` anew: models `small` and `large`, which answer with their input (16
// and 64x56x56 floats), and a copy of what is in `more`, unless that is empty.
absl::Status WriteBenchModels(const std::string& folder, const std::string& more);

// A model and the shape of its input x, batch dimension included where it has one.
struct ModelCall {
  std::string model;
  std::vector<int64_t> shape;
  int in_flight = 1;
};

// p50 of the model over p50 of the echo of the same bytes.
absl::StatusOr<PairedRatio> CompareModelLatency(const RpcBenchSetup& setup, const ModelCall& call);

// Calls/s of the model over calls/s of the echo.
absl::StatusOr<PairedRatio> CompareModelRate(const RpcBenchSetup& setup, const ModelCall& call);

// p50 of the model over the echo's p50 + 1.3 times what the model itself took (its mean, from the
// server's histogram, while it was called).
absl::StatusOr<PairedRatio> CompareModelToKernel(const RpcBenchSetup& setup, const ModelCall& call);

// Samples/s of `a` over samples/s of `b`, both called on the server.
absl::StatusOr<PairedRatio> CompareModels(const RpcBenchSetup& setup, const ModelCall& a,
                                          const ModelCall& b);

// p50 of `a` over p50 of `b`, both called on the server.
absl::StatusOr<PairedRatio> CompareModelLatencies(const RpcBenchSetup& setup, const ModelCall& a,
                                                  const ModelCall& b);

}  // namespace normbench
