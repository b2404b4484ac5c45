// SPDX-License-Identifier: Apache-2.0
// Tracing of inference requests: which one is traced, by its call's metadata, and what its line
// says when it ends.
#pragma once

#include <memory>

#include "grpcpp/server_context.h"
#include "inference/grpc_service.pb.h"
#include "server/rpc/call.h"
#include "server/rpc/infer_statistics.h"
#include "server/rpc/served_model.h"
#include "server/trace/tracer.h"

namespace normbench {

// What the end of a request is told to.
struct InferEnd {
  const ServedModel* served = nullptr;  // null: there is no such model
  InferTimes times;
  std::shared_ptr<RequestTrace> trace;  // null: it is not traced
};

// Null for a request that is not traced, all of them where `tracer` is. The requests of a stream
// have the traceparent of their call.
std::shared_ptr<RequestTrace> BeginTrace(Tracer* tracer,
                                         const grpc::CallbackServerContext& context);

// Takes model and id from what the client has sent, the first kMaxTracedText bytes of each.
void NameTrace(const inference::ModelInferRequest& header, RequestTrace& trace);
inline constexpr size_t kMaxTracedText = 1024;

// Writes the line of `end.trace`, of a call that ends with `code`. REQUIRES: from what the call's
// OnEnd was given.
void EndTrace(Tracer& tracer, const Call& call, grpc::StatusCode code, const InferEnd& end);

}  // namespace normbench
