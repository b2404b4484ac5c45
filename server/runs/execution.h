// SPDX-License-Identifier: Apache-2.0
// One run of the server's own, from its start to its end: a client of this server within its
// process, so that service and model cases take the whole path of a request but for the network.
#pragma once

#include <grpcpp/channel.h>

#include <functional>
#include <memory>
#include <string>

#include "normbench/v1/runs.pb.h"
#include "server/history/history.h"
#include "server/runs/board.h"
#include "server/runs/run_report.h"
#include "server/runs/run_request.h"

namespace normbench {

// What a run needs of the server that it measures.
struct RunHost {
  std::function<std::shared_ptr<grpc::Channel>()> connect;  // to it, within the process
  // Around the run: work of others is refused, or counted. The second returns the count.
  std::function<void(bool refuse_others)> take_device;
  std::function<double()> return_device;
  std::string allocator;  // what KeepLargeBlocks() returned
  RunLimits limits = {};  // Runs sets its own
};

// Polled several times a second while a run executes.
struct RunStop {
  std::function<bool()> cancelled;  // its owner ends it
  std::function<bool()> stopping;   // the server does
};

// Executes `run`, which the history has as running, and keeps what happens in it. Returns it ended:
// complete, cancelled, interrupted or failed.
EndedRun ExecuteRun(v1::Run run, History& history, RunBoard& board, const RunHost& host,
                    const RunStop& stop);

}  // namespace normbench
