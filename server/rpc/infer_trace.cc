// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/infer_trace.h"

#include <optional>
#include <string_view>

#include "absl/status/status.h"

namespace normbench {
namespace {

std::optional<TraceParent> ParentOf(const grpc::CallbackServerContext& context) {
  const auto [header, end] = context.client_metadata().equal_range("traceparent");
  // Of several none counts, as the specification says.
  if (header == end || std::next(header) != end) return std::nullopt;
  return ParseTraceParent({header->second.data(), header->second.size()});
}

}  // namespace

std::shared_ptr<RequestTrace> BeginTrace(Tracer* tracer,
                                         const grpc::CallbackServerContext& context) {
  return tracer == nullptr ? nullptr : tracer->Begin(ParentOf(context));
}

void NameTrace(const inference::ModelInferRequest& header, RequestTrace& trace) {
  trace.model_name = header.model_name().substr(0, kMaxTracedText);
  trace.request_id = header.id().substr(0, kMaxTracedText);
}

void EndTrace(Tracer& tracer, const Call& call, grpc::StatusCode code, const InferEnd& end) {
  RequestTrace& trace = *end.trace;
  // The codes of absl are those of gRPC.
  trace.status = absl::StatusCodeToString(static_cast<absl::StatusCode>(code));
  if (trace.HasReached(TracePoint::kComputeOutputStart)) trace.formed_batch = end.times.formed;
  trace.Reached(TracePoint::kRequestStart, call.started());
  if (call.submitted().has_value()) trace.Reached(TracePoint::kQueueStart, *call.submitted());
  trace.Reached(TracePoint::kRequestEnd);
  tracer.End(trace);
}

}  // namespace normbench
