// SPDX-License-Identifier: Apache-2.0
#include "client/arm_rounds.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "bench/gate/visit_order.h"
#include "bench/host/host_window.h"
#include "bench/load/pacing.h"
#include "bench/report/case_key.h"
#include "bench/report/visits.h"
#include "bench/run/channel.h"
#include "bench/run/health.h"
#include "bench/run/rounds.h"
#include "bench/run/surroundings.h"
#include "client/cell_sample.h"
#include "client/visit_watcher.h"

namespace normbench {
namespace {

v1::HostWindow ToProto(const HostWindow& window) {
  v1::HostWindow message;
  message.set_seconds(window.seconds);
  if (window.steal_ratio) message.set_steal_ratio(*window.steal_ratio);
  if (window.cpu_pressure) message.set_cpu_pressure(*window.cpu_pressure);
  if (window.throttled_ratio) message.set_throttled_ratio(*window.throttled_ratio);
  if (window.load_average) message.set_load_average(*window.load_average);
  return message;
}

}  // namespace

bool IsAddress(const std::string& source) {
  const std::vector<std::string> parts = absl::StrSplit(source, ':');
  return source.find_first_of(" /") == std::string::npos && parts.size() >= 2 &&
         !parts.back().empty() && parts.back().find_first_not_of("0123456789") == std::string::npos;
}

struct ArmRounds::Server {
  std::unique_ptr<ServerProcess> process;  // null: it was there
  std::string address;
  std::shared_ptr<grpc::Channel> channel;

  absl::Status Running() const { return process ? process->Running() : absl::OkStatus(); }
  double CpuSeconds() const { return process ? process->CpuSeconds() : 0; }
};

ArmRounds::ArmRounds(ArmOptions options) : options_(std::move(options)), start_(SteadySeconds()) {}

double ArmRounds::Seconds() {
  return SteadySeconds() - start_;
}

double ArmRounds::Patience() {
  const double left = options_.budget_seconds - Seconds();
  return std::clamp(left, options_.patience_seconds, kPatienceSeconds);
}

// Also where rounds that did not count are made up for.
void ArmRounds::ShowHowMuch(const RoundRequest& request, int visits) {
  if (options_.progress == nullptr) return;
  if (request.phase != phase_ || shown_ == 0) {
    phase_ = request.phase;
    shown_ = request.left;
    options_.progress->Begin(request.left * visits * static_cast<int>(request.cells.size()),
                             request.left_seconds);
  }
  --shown_;
}

absl::StatusOr<std::unique_ptr<ArmRounds::Server>> ArmRounds::Open(std::string_view arm) {
  auto server = std::make_unique<Server>();
  server->address = SourceOf(arm);
  if (!IsAddress(server->address)) {
    auto process = ServerProcess::Start({.command = SourceOf(arm),
                                         .cpus = options_.cpus.server,
                                         .start_seconds = options_.start_seconds},
                                        options_.stop);
    if (!process.ok()) return process.status();
    server->process = *std::move(process);
    server->address = server->process->address();
  }
  server->channel = OpenChannel(server->address);
  const absl::Status ready = AwaitServing(server->channel, options_.start_seconds, options_.stop,
                                          [&server] { return server->Running(); });
  if (ready.ok()) return server;
  if (!absl::IsUnimplemented(ready)) return ready;
  // No health service: it is asked whether it is ready, as `normbench run` does.
  const auto connected = Connect(
      {.address = server->address, .timeout_seconds = options_.start_seconds}, options_.stop);
  if (!connected.ok()) return connected.status();
  server->channel = *connected;
  return server;
}

absl::StatusOr<ArmFacts> ArmRounds::Describe(const std::string& arm) {
  const auto server = Open(arm);
  if (!server.ok()) return server.status();
  ArmFacts facts;
  facts.info.set_source(SourceOf(arm));
  facts.info.set_started_by_us((*server)->process != nullptr);
  auto devices = DescribeServer((*server)->channel, facts.info.mutable_server());
  if (!devices.ok()) return devices.status();
  facts.devices = *std::move(devices);
  return facts;
}

absl::Status ArmRounds::MeasureCells(Server& server, const std::string& label, int number,
                                     const std::vector<GatedCell>& cells, v1::ArmVisit* visit) {
  VisitWatcher watcher(label, options_.progress, [&server] { return server.CpuSeconds(); });
  const Session session{
      .channel = server.channel,
      .channels =
          [&server](int count) { return MoreChannels(server.channel, server.address, count); },
      .stop = options_.stop,
      .watcher = &watcher,
      .list_wrong = true,
      .stall_seconds = options_.fault_stall_seconds,
      .patience_seconds = Patience()};
  std::vector<Case> cases;
  for (const GatedCell& cell : cells) cases.push_back(VisitTo(cell.c, number));
  v1::Report report;
  if (RunRounds(cases, session, &report) == "interrupted")
    return absl::CancelledError("interrupted");
  if (absl::Status running = server.Running(); !running.ok()) return running;
  for (size_t i = 0; i < cases.size(); ++i) {
    const v1::CaseResult& result = report.cases(static_cast<int>(i));
    if (result.status() != "ok") {
      return absl::UnavailableError(
          absl::StrCat(result.key(), ": ", result.status(), ": ", result.error()));
    }
    *visit->add_cells() = SampleFrom(cells[i], result, watcher.CpuOf(cases[i].key));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::ArmVisit> ArmRounds::Visit(const std::string& arm, const std::string& label,
                                              int number, const std::vector<GatedCell>& cells) {
  const auto server = Open(arm);
  if (!server.ok()) return server.status();
  v1::ArmVisit visit;
  visit.set_arm(arm);
  const HostReading before = ReadHost();
  const absl::Status measured =
      MeasureCells(**server, absl::StrCat(label, " ", arm), number, cells, &visit);
  if (!measured.ok()) return measured;
  *visit.mutable_host() = ToProto(Between(before, ReadHost()));
  return visit;
}

absl::StatusOr<Rehearsal> ArmRounds::Rehearse(const std::string& arm,
                                              const std::vector<GatedCell>& cells) {
  const double begin = Seconds();
  const auto visit = Visit(arm, "rehearsal", 0, cells);
  if (!visit.ok()) return In("rehearsal", arm, visit.status());
  Rehearsal rehearsal = {.visit_seconds = Seconds() - begin, .spent_seconds = Seconds()};
  for (size_t i = 0; i < cells.size(); ++i) {
    const v1::CellSample& sample = visit->cells(static_cast<int>(i));
    // What is no part of the steady time was waited for, too.
    rehearsal.rate[sample.key()] = sample.n() / std::max(cells[i].c.seconds, sample.seconds());
  }
  return rehearsal;
}

absl::StatusOr<v1::Round> ArmRounds::Measure(const RoundRequest& request) {
  v1::Round round;
  const std::string label = absl::StrCat("round ", request.number);
  std::vector<GatedCell> cells;
  for (const size_t number : request.cells) cells.push_back((*cells_)[number]);
  const bool with_floor = request.phase != "confirmation";
  const auto order = VisitOrder(options_.seed, request.number, with_floor);
  ShowHowMuch(request, static_cast<int>(order.size()));
  for (const std::string_view arm : order) {
    auto visit = Visit(std::string(arm), label, request.number, cells);
    if (!visit.ok()) return In(label, std::string(arm), visit.status());
    *round.add_visits() = *std::move(visit);
  }
  return round;
}

absl::Status ArmRounds::In(const std::string& label, const std::string& arm,
                           const absl::Status& status) const {
  return absl::Status(status.code(),
                      absl::StrCat(label, ", ", arm, " (", SourceOf(arm), "): ", status.message()));
}

}  // namespace normbench
