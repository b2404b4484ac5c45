// SPDX-License-Identifier: Apache-2.0
#include "client/remote/run_service.h"

#include <grpcpp/client_context.h>

#include <chrono>

#include "bench/run/status.h"

namespace normbench {
namespace {

using Stub = v1::Benchmark::Stub;

constexpr std::chrono::seconds kPatience(30);

template <typename Request, typename Response>
absl::StatusOr<Response> Call(Stub& stub,
                              grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                           Response*),
                              const Request& request) {
  const auto end = std::chrono::system_clock::now() + kPatience;
  const auto once = [&](bool waits, Response* response) {
    grpc::ClientContext context;
    context.set_deadline(end);
    context.set_wait_for_ready(waits);
    return ToAbsl((stub.*method)(&context, request, response));
  };
  Response response;
  absl::Status status = once(/*waits=*/false, &response);
  if (IsLost(status)) status = once(/*waits=*/true, &response);
  if (!status.ok()) return status;
  return response;
}

template <typename Request>
Request Of(const std::string& run_id) {
  Request request;
  request.set_run_id(run_id);
  return request;
}

}  // namespace

absl::StatusOr<v1::Run> RunService::Submit(const v1::SubmitRequest& request) {
  return Call(*stub_, &Stub::Submit, request);
}

absl::StatusOr<v1::Run> RunService::Get(const std::string& run_id) {
  return Call(*stub_, &Stub::Get, Of<v1::GetRequest>(run_id));
}

absl::StatusOr<v1::ListResponse> RunService::List(const v1::ListRequest& request) {
  return Call(*stub_, &Stub::List, request);
}

absl::StatusOr<v1::Run> RunService::Cancel(const std::string& run_id) {
  return Call(*stub_, &Stub::Cancel, Of<v1::CancelRequest>(run_id));
}

absl::Status RunService::Delete(const std::string& run_id) {
  return Call(*stub_, &Stub::Delete, Of<v1::DeleteRequest>(run_id)).status();
}

}  // namespace normbench
