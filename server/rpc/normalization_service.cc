// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/normalization_service.h"

#include <memory>
#include <utility>

#include "server/rpc/normalize_job.h"

namespace normbench {
namespace {

v1::Implementation Describe(const KernelEntry& entry) {
  v1::Implementation out;
  out.set_name(entry.name);
  for (const Method method : entry.capabilities.methods) out.add_norms(std::string(Name(method)));
  for (const DType dtype : entry.capabilities.dtypes) out.add_dtypes(std::string(Name(dtype)));
  for (const Layout layout : entry.capabilities.layouts) out.add_layouts(std::string(Name(layout)));
  for (const std::string& device : entry.capabilities.devices) out.add_devices(device);
  for (const int rank : entry.capabilities.ranks) out.add_ranks(rank);
  for (const Method method : entry.capabilities.copying) {
    out.add_copying_norms(std::string(Name(method)));
  }
  out.set_isa(entry.capabilities.isa);
  return out;
}

v1::ListImplementationsResponse List(const OfferedKernels& kernels, v1::Environment environment) {
  v1::ListImplementationsResponse list;
  for (const KernelEntry& entry : kernels.entries()) {
    *list.add_implementations() = Describe(entry);
  }
  *list.mutable_environment() = std::move(environment);
  for (const std::string& device : kernels.Devices()) {
    list.mutable_environment()->add_devices(device);
  }
  return list;
}

}  // namespace

NormalizationService::NormalizationService(ServiceContext& services, const KernelRegistry& registry,
                                           Options options)
    : services_(services),
      kernels_(registry, services.metrics, std::move(options.default_device)),
      list_(List(kernels_, std::move(options.environment))),
      plans_(options.max_plans),
      normalize_{services.metrics.rpc("Normalize"), Contract::kNormbench, Access::kWork},
      list_implementations_{services.metrics.rpc("ListImplementations"), Contract::kNormbench,
                            Access::kInfo} {}

grpc::ServerUnaryReactor* NormalizationService::Normalize(grpc::CallbackServerContext* context,
                                                          const grpc::ByteBuffer* request,
                                                          grpc::ByteBuffer* response) {
  const RawExchange exchange = {context, request, response};
  return StartUnary(services_, normalize_, exchange,
                    [&](Call& call) { return StartNormalize(call, exchange); });
}

absl::Status NormalizationService::StartNormalize(Call& call, const RawExchange& exchange) {
  absl::StatusOr<NormalizeJob> decoded =
      NormalizeJob::Decode(*exchange.request, kernels_, services_.limits);
  if (!decoded.ok()) return decoded.status();
  const auto job = std::make_shared<const NormalizeJob>(*std::move(decoded));
  const NormTask& task = job->task();
  call.CountAlso(task.metrics().requests);
  call.Submit(
      {.run = [this, job, response = exchange.response](
                  Call& running) { return job->Run(running, services_, plans_, *response); },
       .bytes = job->bytes(),
       .seconds = services_.costs.Estimate(task.cost_kind(), job->elements()),
       .may_run_inline = task.entry->capabilities.any_thread});
  return absl::OkStatus();
}

grpc::ServerUnaryReactor* NormalizationService::ListImplementations(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
    grpc::ByteBuffer* response) {
  v1::ListImplementationsRequest parsed;
  v1::ListImplementationsResponse answer;
  return AnswerNow(services_, list_implementations_, {context, request, response}, parsed, answer,
                   [&] {
                     answer = list_;
                     return absl::OkStatus();
                   });
}

}  // namespace normbench
