// SPDX-License-Identifier: Apache-2.0
// A run of a server, from here: followed with progress for a person, to its report.
#pragma once

#include <grpcpp/channel.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "client/metrics/client_metrics.h"
#include "normbench/v1/runs.pb.h"

namespace normbench {

struct WatchOptions {
  std::string server;            // host:port
  double patience_seconds = 30;  // without the server: it is lost
  std::function<bool()> stop;    // Ctrl-C
  v1::Sweep sweep = {};          // that was submitted, where it is known
};

// How it ended, as far as that is known here.
struct WatchedRun {
  v1::Run run;          // as the server said last, without its report
  absl::Status status;  // not OK: the server is lost
  // The server's, or of a lost one the cases that had ended by then; nothing: there is none.
  std::optional<v1::Report> report = std::nullopt;
};

// Returns CANCELLED where stop() said so: the run goes on. NOT_FOUND for one that the server does
// not know, and whatever else it says instead of telling of the run.
absl::StatusOr<WatchedRun> WatchRun(const std::shared_ptr<grpc::Channel>& channel,
                                    const v1::Run& run, const WatchOptions& options,
                                    ClientMetrics& metrics);

}  // namespace normbench
