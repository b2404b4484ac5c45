// SPDX-License-Identifier: Apache-2.0
#include "bench/run/surroundings.h"

#include <grpcpp/client_context.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>

#include "bench/host/host.h"
#include "bench/report/environment.h"
#include "bench/report/latency.h"
#include "bench/run/channel.h"
#include "bench/run/floor.h"
#include "bench/run/status.h"
#include "inference/grpc_service.grpc.pb.h"
#include "normbench/v1/normalization.grpc.pb.h"

namespace normbench {
namespace {

void SetDeadline(grpc::ClientContext* context, int seconds) {
  context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(seconds));
}

// The server's own device, which it lists first, or the first one that the implementation runs on;
// "auto" is the first implementation.
ImplDevices DevicesOf(const v1::ListImplementationsResponse& list) {
  ImplDevices devices;
  for (const v1::Implementation& implementation : list.implementations()) {
    if (implementation.devices().empty() || list.environment().devices().empty()) continue;
    const std::string& own = list.environment().devices(0);
    const auto& here = implementation.devices();
    const bool runs_there = std::find(here.begin(), here.end(), own) != here.end();
    devices[implementation.name()] = runs_there ? own : here[0];
    devices.emplace("auto", devices[implementation.name()]);
  }
  return devices;
}

}  // namespace

absl::StatusOr<ImplDevices> DescribeServer(const std::shared_ptr<grpc::Channel>& channel,
                                           v1::Environment* server) {
  grpc::ClientContext context;
  SetDeadline(&context, 10);
  v1::ListImplementationsResponse response;
  const auto stub = v1::Normalization::NewStub(channel);
  // A foreign server has no such method and stays undescribed.
  const absl::Status status = ToAbsl(stub->ListImplementations(&context, {}, &response));
  if (!status.ok() && !absl::IsUnimplemented(status)) return status;
  *server = response.environment();
  return DevicesOf(response);
}

absl::StatusOr<ImplDevices> DescribeSurroundings(const std::shared_ptr<grpc::Channel>& channel,
                                                 const std::string& allocator,
                                                 const std::function<bool()>& stop,
                                                 v1::Report* report) {
  absl::StatusOr<ImplDevices> devices = DescribeServer(channel, report->mutable_server());
  if (!devices.ok()) return devices.status();
  *report->mutable_client() =
      MakeEnvironment(ReadHostFacts(), {{"grpc", grpc::Version()}}, allocator);
  auto* conditions = report->mutable_conditions();
  // Before the floor, which keeps both machines busy.
  if (const auto load = LoadAverage()) conditions->set_load_average(*load);
  if (const auto runnable = RunnableThreads()) conditions->set_runnable(*runnable);
  const auto floor = MeasureFloor(channel, stop);
  if (!floor.ok()) return floor.status();
  *conditions->mutable_floor() = SummarizeLatency(floor->seconds, "closed");
  conditions->set_co_located(IsSameMachine(report->server().host(), report->client().host()) ||
                             IsLoopback(floor->peer));
  return devices;
}

bool IsAlive(const std::shared_ptr<grpc::Channel>& channel) {
  grpc::ClientContext context;
  SetDeadline(&context, 2);
  inference::ServerLiveResponse response;
  return inference::GRPCInferenceService::NewStub(channel)
      ->ServerLive(&context, {}, &response)
      .ok();
}

}  // namespace normbench
