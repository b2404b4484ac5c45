// SPDX-License-Identifier: Apache-2.0
// The methods of service Benchmark about runs on request. They wait for the disk, so they are
// answered on a thread of their own: no gRPC thread and no worker waits with them.
#pragma once

#include <memory>

#include "server/exec/admission.h"
#include "server/exec/executor.h"
#include "server/rpc/service_context.h"
#include "server/rpc/unary.h"
#include "server/runs/runs.h"

namespace normbench {

class RunMethods {
 public:
  using Unary = grpc::ServerUnaryReactor;

  // Both outlive it. `runs` null: no history is kept, and each method says so. REQUIRES:
  // services.metrics knows the methods.
  RunMethods(ServiceContext& services, Runs* runs);

  Unary* Submit(const RawExchange& exchange);
  Unary* Get(const RawExchange& exchange);
  Unary* List(const RawExchange& exchange);
  Unary* Cancel(const RawExchange& exchange);
  Unary* Delete(const RawExchange& exchange);
  grpc::ServerWriteReactor<grpc::ByteBuffer>* Watch(grpc::CallbackServerContext& context,
                                                    const grpc::ByteBuffer& request);

 private:
  // Where the history is read and written.
  struct Threads {
    Threads();
    Executor clerk;    // for one answer at a time
    Executor readers;  // for what watchers read
    const std::shared_ptr<CallQueue> queue = std::make_shared<ExecutorQueue>(clerk);
  };
  template <typename Request, typename Response>
  using Method = absl::StatusOr<Response> (Runs::*)(const Request&);

  template <typename Request, typename Response>
  Unary* Answer(const Rpc& rpc, const RawExchange& exchange, Method<Request, Response> method);

  ServiceContext& services_;
  Runs* const runs_;
  // Of their own: neither a flood of work nor answers that nobody reads keep a run from being
  // cancelled.
  Admission orders_, readings_;
  const Rpc submit_, watch_, get_, list_, cancel_, delete_;
  const std::unique_ptr<Threads> threads_;  // null: no history is kept
};

}  // namespace normbench
