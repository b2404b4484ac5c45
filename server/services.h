// SPDX-License-Identifier: Apache-2.0
// The gRPC services of the server, over one engine.
#pragma once

#include <string>
#include <vector>

#include "bench/host/host.h"
#include "server/engine.h"
#include "server/grpc_server.h"
#include "server/rpc/benchmark_service.h"
#include "server/rpc/inference_service.h"
#include "server/rpc/normalization_service.h"

namespace normbench {

class Services {
 public:
  // `engine` and `runs` (null: none on request) outlive the services; `engine` has its models.
  // `host` and `allocator` (what KeepLargeBlocks() returned) go into every report made with this
  // server.
  Services(Engine& engine, Runs* runs, const HostFacts& host, const std::string& allocator);

  std::vector<NamedService> Named();

 private:
  NormalizationService normalization_;
  BenchmarkService benchmark_;
  InferenceService inference_;
};

}  // namespace normbench
