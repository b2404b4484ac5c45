// SPDX-License-Identifier: Apache-2.0
#include "server/engine.h"

#include <algorithm>
#include <cstdio>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/report/version.h"
#include "server/backends/aoti.h"
#include "server/backends/builtin.h"
#include "server/backends/identity.h"
#include "server/backends/torchscript.h"
#include "server/budgets.h"
#include "server/exec/stall_once.h"
#include "server/faults/faulty_kernel.h"
#include "server/faults/faulty_model.h"
#include "server/kernels/intra_op.h"
#include "server/kernels/native_kernel.h"
#include "server/kernels/reference_kernel.h"
#include "server/kernels/torch_kernel.h"
#include "server/kernels/torch_runtime.h"
#include "server/rpc/count_load.h"
#include "server/rpc/inference_methods.h"

namespace normbench {
namespace {

// Of models at start. Each that is warmed up may take as much memory as all requests together.
constexpr int kMaxLoadThreads = 8;

// The first one is "auto": on a CPU native, the fastest in nearly every row of
// kernels/native/README.md.
std::vector<std::unique_ptr<NormKernel>> MakeKernels(const std::string& device, int threads,
                                                     const std::shared_ptr<Faults>& faults) {
  std::vector<std::unique_ptr<NormKernel>> kernels;
  kernels.push_back(MakeTorchKernel());
  // A CPU without its instruction sets goes without it.
  if (auto native = MakeNativeKernel({.threads = threads, .norm = {}}); native.ok()) {
    kernels.insert(device == "cpu" ? kernels.begin() : kernels.end(), *std::move(native));
  }
  kernels.push_back(MakeReferenceKernel());
  return faults == nullptr ? std::move(kernels) : WithFaults(std::move(kernels), faults);
}

std::vector<std::unique_ptr<Backend>> MakeBackends(const MemoryShares& memory, int workers,
                                                   const std::shared_ptr<Faults>& faults) {
  std::vector<std::unique_ptr<Backend>> backends;
  backends.push_back(MakeBuiltinBackend(memory.admitted));
  backends.push_back(MakeTorchScriptBackend(memory.admitted));
  backends.push_back(MakeAotiBackend({.max_request_bytes = memory.admitted, .workers = workers}));
  backends.push_back(MakeIdentityBackend());
  return faults == nullptr ? std::move(backends) : WithFaults(std::move(backends), faults);
}

// Null: none is asked for, and nothing is in the way of what computes.
absl::StatusOr<std::shared_ptr<Faults>> MakeFaults(const FaultOptions& options) {
  if (!options.any()) return nullptr;
  return Faults::Create(options);
}

ServerMetrics::Options MetricsOptions(const KernelRegistry& kernels) {
  ServerMetrics::Options options;
  options.rpcs = InferenceRpcNames();
  for (const char* name : {"Normalize", "ListImplementations", "Measure", "CheckInvariance",
                           "Submit", "Watch", "Get", "List", "Cancel", "Delete"}) {
    options.rpcs.push_back(name);
  }
  for (const NormKernel* kernel : kernels.all()) {
    options.impls.push_back(kernel->name());
  }
  options.devices = TorchDevices();
  options.version = std::string(Version());
  options.sha = std::string(GitSha());
  options.torch = TorchVersion();
  return options;
}

ExecutorOptions Workers(const ServerOptions& options) {
  ExecutorOptions workers;
  workers.workers = options.workers;
  workers.max_queued = options.max_queued;
  workers.worker_init = SetWorkerThreads;
  if (options.fault_stall_seconds > 0) {
    const auto stall =
        std::make_shared<StallOnce>(options.fault_stall_seconds, options.fault_stall_after_seconds);
    workers.hold_until = [stall](Deadline now) { return stall->HoldUntil(now); };
  }
  return workers;
}

ServiceLimits Limits(const ServerOptions& options, const MemoryShares& memory) {
  ServiceLimits limits;
  limits.max_tensor_bytes = std::min(limits.max_tensor_bytes, memory.admitted);
  limits.max_threads = options.workers;
  limits.max_queued = static_cast<size_t>(options.max_queued);
  return limits;
}

LoadThreads Loaders(const ServerOptions& options) {
  return {.count = std::min(options.workers, kMaxLoadThreads), .init = SetWorkerThreads};
}

absl::Status LoadWanted(const ServerOptions& options, ModelRepository& repository) {
  if (options.model_control != "explicit") {
    repository.LoadAll(Loaders(options));
    return absl::OkStatus();
  }
  for (const std::string& name : options.load_models) {
    if (name == "*") {
      repository.LoadAll(Loaders(options));
      continue;
    }
    const absl::Status status = repository.LoadModel(name);
    if (absl::IsNotFound(status)) return status;
  }
  return absl::OkStatus();
}

RepositoryPoller::Options Polling(const ServerOptions& options) {
  return {.seconds = options.poll_seconds,
          .thread_init = SetWorkerThreads,
          .report = [](const std::string& line) {
            std::printf("%s\n", line.c_str());
            std::fflush(stdout);
          }};
}

}  // namespace

void SetThreads(int threads) {
  SetTorchThreads(threads);
  SetIntraOpThreads(threads);
}

void SetWorkerThreads() {
  SetThreads(kThreadsPerWorker);
}

absl::StatusOr<std::unique_ptr<Engine>> Engine::Create(const ServerOptions& options) {
  CheckPackageInputs();
  absl::StatusOr<std::string> device = OpenTorchDevice(options.device);
  if (!device.ok()) return device.status();
  absl::StatusOr<std::shared_ptr<Faults>> faults = MakeFaults(options.faults);
  if (!faults.ok()) return faults.status();
  SetWorkerThreads();  // models of --load-model are warmed on this thread
  std::unique_ptr<Engine> engine(new Engine(options, *std::move(device), *std::move(faults)));
  if (absl::Status status = engine->OpenTrace(); !status.ok()) return status;
  return engine;
}

Engine::Engine(const ServerOptions& options, std::string device, std::shared_ptr<Faults> faults)
    : options_(options),
      memory_(Divide(options.memory_budget)),
      device_(std::move(device)),
      faults_(std::move(faults)),
      kernels_(MakeKernels(device_, options_.workers, faults_)),
      metrics_(MetricsOptions(kernels_)),
      admission_(Budgets(options_)),
      executor_(Workers(options_)),
      services_{executor_,  queue_,
                admission_, BufferPool::Create(static_cast<size_t>(memory_.pooled)),
                metrics_,   authorizer_,
                costs_,     Limits(options_, memory_)} {}

absl::Status Engine::OpenTrace() {
  if (options_.trace_file.empty()) return absl::OkStatus();
  auto tracer =
      Tracer::Open({.file = options_.trace_file, .rate = options_.trace_rate, .lost = [this] {
                      metrics_.trace_errors().Increment();
                    }});
  if (tracer.ok()) tracer_ = *std::move(tracer);
  if (tracer.ok()) return absl::OkStatus();
  return absl::Status(tracer.status().code(),
                      absl::StrCat("--trace-file: ", std::string(tracer.status().message())));
}

absl::Status Engine::LoadModels() {
  auto repository = ModelRepository::Open(
      options_.models, device_, MakeBackends(memory_, options_.workers, faults_),
      [this](const ModelStatus& tried) { CountLoad(tried, metrics_); }, TorchDevices());
  if (!repository.ok()) return repository.status();
  repository_ = *std::move(repository);
  repository_->OnChange([this] { TellReadiness(); });
  if (options_.model_control == "poll") {
    // Before the models are loaded: it also sees what changes meanwhile.
    poller_ = std::make_unique<RepositoryPoller>(*repository_, Polling(options_));
  }
  if (absl::Status status = LoadWanted(options_, *repository_); !status.ok()) return status;
  if (poller_ != nullptr) poller_->Start();
  return absl::OkStatus();
}

Readiness Engine::readiness() const {
  const bool serving = authorizer_.ready();
  return {.serving = serving,
          .all = serving && (!options_.strict_readiness || repository_->AllLoaded())};
}

void Engine::SetReady(bool ready) {
  authorizer_.SetReady(ready);
  TellReadiness();
}

void Engine::WatchReadiness(std::function<void(const Readiness&)> watch) {
  {
    const absl::MutexLock lock(&watch_mutex_);
    watch_ = std::move(watch);
    told_.reset();
  }
  TellReadiness();
}

// Looks at it with the lock: of two changes at once the later one is told last.
void Engine::TellReadiness() {
  const absl::MutexLock lock(&watch_mutex_);
  const Readiness now = readiness();
  if (watch_ == nullptr || now == told_) return;
  told_ = now;
  watch_(now);
}

void Engine::RefreshGauges() {
  metrics_.admitted_bytes().Set(static_cast<double>(admission_.usage().bytes));
  metrics_.admitted_bytes_limit().Set(static_cast<double>(admission_.options().bytes));
}

int Engine::under_way() const {
  return executor_.queued() + executor_.running();
}

// Whoever watches a run and does not read would hold it up to the end of its patience.
bool Engine::Idle() const {
  return metrics_.in_flight("Watch") == 0 && executor_.queued() == 0 && executor_.running() == 0 &&
         admission_.usage().slots == 0;
}

void Engine::StopPolling() {
  if (poller_ != nullptr) poller_->RequestStop();
}

void Engine::Stop() {
  poller_.reset();
  executor_.Shutdown(std::chrono::milliseconds(0));
}

}  // namespace normbench
