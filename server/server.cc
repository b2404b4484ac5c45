// SPDX-License-Identifier: Apache-2.0
#include "server/server.h"

#include <chrono>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bench/report/version.h"
#include "server/engine.h"
#include "server/grpc_server.h"
#include "server/http/http_server.h"
#include "server/http/monitoring.h"
#include "server/kernels/torch_runtime.h"
#include "server/memory_size.h"
#include "server/runs/runs.h"
#include "server/services.h"

namespace normbench {
namespace {

using std::chrono::duration;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Once no work is left: for calls that only ask, and for streams that watch health, which end only
// when they are cancelled, or runs, whose clients may have stopped reading.
constexpr milliseconds kLastCalls{200};

// One line for each that failed, or of whose configuration something has no effect; one for all.
std::vector<std::string> DescribeModels(const Engine& engine) {
  const std::string& folder = engine.options().models;
  if (folder.empty()) return {"models none: no --models"};
  std::vector<std::string> lines;
  size_t loaded = 0;
  for (const ModelStatus& model : engine.repository().index()) {
    loaded += model.ready ? 1 : 0;
    if (model.unloaded || (model.ready && model.reason.empty())) continue;
    lines.push_back(absl::StrCat("model ", model.name, " version ", model.version,
                                 model.ready ? ": " : " failed: ", model.reason));
  }
  lines.push_back(absl::StrCat("models ", loaded, " of ", engine.repository().index().size(),
                               " loaded from ", folder));
  return lines;
}

}  // namespace

struct Server::Parts {
  std::unique_ptr<Engine> engine;
  std::unique_ptr<Runs> runs;  // null: none on request
  std::unique_ptr<HttpServer> http;
  std::unique_ptr<Services> services;
  std::unique_ptr<GrpcServer> grpc;

  absl::Status OpenRuns();
  void StartRuns(const std::string& allocator);
  absl::Status StartHttp();
  absl::Status StartGrpc();
  void TellHealth(const Readiness& now);
};

absl::Status Server::Parts::OpenRuns() {
  const ServerOptions& options = engine->options();
  if (options.history.empty()) return absl::OkStatus();
  // What is in transfer is on top of what a case holds.
  const int64_t run_memory = options.memory_budget - engine->memory().grpc_quota;
  auto opened = Runs::Open({.file = options.history,
                            .keep = options.history_keep,
                            .days = options.history_days,
                            .limits = {.max_seconds = options.max_run_seconds,
                                       .max_memory_bytes = static_cast<double>(run_memory)}},
                           engine->metrics());
  if (opened.ok()) runs = *std::move(opened);
  if (opened.ok()) return absl::OkStatus();
  return absl::Status(opened.status().code(),
                      absl::StrCat("--history: ", std::string(opened.status().message())));
}

void Server::Parts::StartRuns(const std::string& allocator) {
  if (runs == nullptr) return;
  // What has begun before a run and still goes on disturbs it, too.
  const auto before = std::make_shared<int>(0);
  runs->Start(
      {.connect = [this] { return grpc->Connect(); },
       .take_device =
           [this, before](bool refuse_others) {
             engine->authorizer().BeginRun(refuse_others ? OtherTraffic::kRefuse
                                                         : OtherTraffic::kMark);
             *before = engine->under_way();
           },
       .return_device =
           [this, before] { return static_cast<double>(engine->authorizer().EndRun() + *before); },
       .allocator = allocator});
}

absl::Status Server::Parts::StartHttp() {
  HttpOptions options;
  options.address = engine->options().http;
  options.routes = MonitoringRoutes({.registry = &engine->metrics().registry(),
                                     .before_scrape = [this] { engine->RefreshGauges(); },
                                     .ready = [this] { return engine->readiness().all; }});
  options.others = [this](const std::string& path) {
    return ModelPage(path, [this](const std::string& name, const std::string& version) {
      return engine->authorizer().ready() && engine->repository().Find(name, version).ok();
    });
  };
  auto started = HttpServer::Start(options);
  if (started.ok()) http = *std::move(started);
  return started.status();
}

absl::Status Server::Parts::StartGrpc() {
  GrpcServerOptions options;
  options.address = engine->options().listen;
  options.services = services->Named();
  options.quota_bytes = engine->memory().grpc_quota;
  options.max_message_bytes = engine->memory().max_message;
  options.allow_compression = engine->options().allow_compression;
  auto started = GrpcServer::Start(options);
  if (started.ok()) grpc = *std::move(started);
  return started.status();
}

void Server::Parts::TellHealth(const Readiness& now) {
  for (const NamedService& service : services->Named()) {
    grpc->SetServing(service.name, service.needs_models ? now.all : now.serving);
  }
  grpc->SetServing("", now.all);
}

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Server::~Server() {
  parts_->engine->WatchReadiness(nullptr);  // models may still come and go, health goes first
  if (parts_->runs != nullptr) parts_->runs->Stop();  // a run is a client of the gRPC server
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerStart& start) {
  auto engine = Engine::Create(start.options);
  if (!engine.ok()) return engine.status();
  auto parts = std::make_unique<Parts>();
  parts->engine = *std::move(engine);
  if (absl::Status status = parts->StartHttp(); !status.ok()) return status;
  if (absl::Status status = parts->engine->LoadModels(); !status.ok()) return status;
  if (absl::Status status = parts->OpenRuns(); !status.ok()) return status;
  parts->services =
      std::make_unique<Services>(*parts->engine, parts->runs.get(), start.host, start.allocator);
  if (absl::Status status = parts->StartGrpc(); !status.ok()) return status;
  parts->engine->SetReady(true);
  parts->StartRuns(start.allocator);
  parts->engine->WatchReadiness(
      [own = parts.get()](const Readiness& now) { own->TellHealth(now); });
  return std::unique_ptr<Server>(new Server(std::move(parts)));
}

BoundAddresses Server::addresses() const {
  const std::string& http = parts_->engine->options().http;
  return {.grpc = parts_->grpc->address(),
          .http = absl::StrCat(http.substr(0, http.rfind(':')), ":", parts_->http->port())};
}

std::vector<std::string> Server::Summary() const {
  const Engine& engine = *parts_->engine;
  const ServerOptions& options = engine.options();
  std::vector<std::string> lines = {
      absl::StrCat("normbench-server ", std::string(Version()), " (", std::string(GitSha()),
                   "), LibTorch ", TorchVersion()),
      absl::StrCat("device ", engine.device(), " (CPU ", TorchCpuCapability(), "), ",
                   options.workers, options.workers == 1 ? " worker" : " workers",
                   ", memory budget ", FormatMemorySize(options.memory_budget), ", requests up to ",
                   FormatMemorySize(engine.memory().max_message))};
  for (const std::string& line : DescribeModels(engine)) {
    lines.push_back(line);
  }
  if (options.fault_stall_seconds > 0) {
    lines.push_back(absl::StrCat("fault all workers stand still for ", options.fault_stall_seconds,
                                 " s, ", options.fault_stall_after_seconds,
                                 " s after the first request"));
  }
  for (const std::string& fault : Describe(options.faults)) {
    lines.push_back(absl::StrCat("fault ", fault));
  }
  if (!options.trace_file.empty()) {
    lines.push_back(absl::StrCat("traces ", options.trace_file, ", rate ", options.trace_rate));
  }
  if (!options.history.empty()) lines.push_back(absl::StrCat("history ", options.history));
  const BoundAddresses at = addresses();
  lines.push_back(absl::StrCat("gRPC ", at.grpc, ", metrics http://", at.http, "/metrics"));
  return lines;
}

void Server::Drain() {
  Engine& engine = *parts_->engine;
  const ServerOptions& options = engine.options();
  engine.SetReady(false);
  engine.StopPolling();
  if (parts_->runs != nullptr) parts_->runs->Stop();
  std::this_thread::sleep_for(duration<double>(options.ready_gap_seconds));
  engine.authorizer().StartDraining();
  // Not gRPC's own waiting: a client that watches health would make it wait to the end.
  const auto deadline = steady_clock::now() + duration<double>(options.drain_seconds);
  while (!engine.Idle() && steady_clock::now() < deadline) {
    std::this_thread::sleep_for(milliseconds(5));
  }
  parts_->grpc->Shutdown(std::chrono::system_clock::now() + kLastCalls);
  engine.Stop();
}

}  // namespace normbench
