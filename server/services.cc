// SPDX-License-Identifier: Apache-2.0
#include "server/services.h"

#include "bench/report/environment.h"
#include "bench/report/version.h"
#include "grpcpp/grpcpp.h"
#include "server/kernels/torch_runtime.h"

namespace normbench {
namespace {

NormalizationService::Options NormalizationOptions(const Engine& engine, const HostFacts& host,
                                                   const std::string& allocator) {
  NormalizationService::Options options;
  options.default_device = engine.device();
  options.environment =
      MakeEnvironment(host, {{"grpc", grpc::Version()}, {"torch", TorchVersion()}}, allocator);
  options.environment.set_workers(engine.options().workers);
  options.environment.set_threads_per_worker(kThreadsPerWorker);
  return options;
}

BenchmarkService::Options BenchmarkOptions(const Engine& engine, Runs* runs) {
  BenchmarkService::Options options;
  options.default_device = engine.device();
  options.threads_per_worker = kThreadsPerWorker;
  options.set_threads = SetThreads;
  options.runs = runs;
  return options;
}

InferenceService::Options InferenceOptions(Engine& engine) {
  return {.version = std::string(Version()),
          .regions = SharesMemory(engine.options()) ? &engine.regions() : nullptr,
          .controls_models = engine.options().model_control == "explicit",
          .strict_readiness = engine.options().strict_readiness,
          .tracer = engine.tracer(),
          .audit_share = engine.options().audit_batching,
          .thread_init = SetWorkerThreads};
}

}  // namespace

Services::Services(Engine& engine, Runs* runs, const HostFacts& host, const std::string& allocator)
    : normalization_(engine.services(), engine.kernels(),
                     NormalizationOptions(engine, host, allocator)),
      benchmark_(engine.services(), engine.kernels(), BenchmarkOptions(engine, runs)),
      inference_(engine.services(), engine.repository(), InferenceOptions(engine)) {}

std::vector<NamedService> Services::Named() {
  return {{v1::Normalization::service_full_name(), &normalization_},
          {v1::Benchmark::service_full_name(), &benchmark_},
          {inference::GRPCInferenceService::service_full_name(), &inference_, true}};
}

}  // namespace normbench
