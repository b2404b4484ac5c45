// SPDX-License-Identifier: Apache-2.0
// history_bench: what lists and reports of many kept runs cost, from a real server.
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "bench/host/lock_checks.h"
#include "bench/micro/history/history_calls.h"
#include "bench/micro/history/sample_history.h"
#include "bench/micro/rpc/process.h"
#include "bench/stats/quantile.h"

namespace normbench {
namespace {

constexpr double kTargetSeconds = 50e-3;  // of the 99th percentile

struct Setup {
  SampleHistory sample;
  int calls = 1000;
  std::string bin;      // folder of normbench-server
  std::string scratch;  // a folder of its own below it
};

std::string AddressOf(const std::string& ports_file) {
  std::ifstream file(ports_file);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false).value("grpc", "");
}

absl::StatusOr<std::vector<TimedCall>> TimeCalls(const Setup& setup,
                                                 const std::vector<std::string>& ids) {
  const std::string ports = setup.scratch + "/ports.json";
  auto server = Process::Start(
      {setup.bin + "/normbench-server", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0",
       "--device", "cpu", "--ready-gap", "0", "--history", setup.sample.file, "--history-keep",
       absl::StrCat(setup.sample.runs), "--print-ports", ports},
      setup.scratch + "/server.log");
  if (!server.ok()) return server.status();
  if (absl::Status status = server->WaitForFile(ports); !status.ok()) return status;
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  return TimeHistoryCalls(
      grpc::CreateCustomChannel(AddressOf(ports), grpc::InsecureChannelCredentials(), arguments),
      ids, setup.calls);
}

absl::StatusOr<std::vector<TimedCall>> FillAndTime(Setup& setup) {
  std::error_code error;
  setup.scratch += absl::StrCat("/normbench-history-bench-", getpid());
  if (!std::filesystem::create_directories(setup.scratch, error)) {
    return absl::InternalError(absl::StrCat(setup.scratch, ": ", error.message()));
  }
  setup.sample.file = setup.scratch + "/history.db";
  const auto ids = WriteSampleHistory(setup.sample);
  auto timed = ids.ok() ? TimeCalls(setup, *ids) : ids.status();
  std::printf("%d runs of %d cases, %.0f MB\n", setup.sample.runs, setup.sample.cases,
              static_cast<double>(std::filesystem::file_size(setup.sample.file, error)) / 1e6);
  std::filesystem::remove_all(setup.scratch, error);
  return timed;
}

int Print(const std::vector<TimedCall>& timed) {
  bool met = true;
  std::printf("%-24s %6s %9s %9s   p99 < %.0f ms\n", "", "calls", "p50 ms", "p99 ms",
              kTargetSeconds * 1e3);
  for (const TimedCall& call : timed) {
    const double p99 = NearestRank(call.seconds, 0.99);
    const bool holds = p99 < kTargetSeconds;
    met = met && holds;
    std::printf("%-24s %6zu %9.3f %9.3f   %s\n", call.name.c_str(), call.seconds.size(),
                NearestRank(call.seconds, 0.5) * 1e3, p99 * 1e3, holds ? "met" : "missed");
  }
  return met ? 0 : 3;
}

int Main(int argc, char** argv) {
  StopLockChecks();
  CLI::App app("Times lists and reports of a server that has kept many runs.");
  Setup setup;
  setup.bin = std::filesystem::canonical("/proc/self/exe").parent_path();
  setup.scratch = "/dev/shm";
  app.add_option("--runs", setup.sample.runs, "kept (default 10000)")
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--cases", setup.sample.cases, "of each run (default 24)")
      ->check(CLI::Range(1, 1000));
  app.add_option("--calls", setup.calls, "of each kind (default 1000)")
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--scratch", setup.scratch,
                 "folder for the history (default /dev/shm: filling it writes no disk)");
  app.add_option("--bin", setup.bin, "folder of normbench-server");
  constexpr int kParsed = -1;
  const auto parse = [&] {
    CLI11_PARSE(app, argc, argv);
    return kParsed;
  };
  if (const int code = parse(); code != kParsed) return code == 0 ? 0 : 2;
  const auto timed = FillAndTime(setup);
  if (timed.ok()) return Print(*timed);
  std::fprintf(stderr, "history_bench: %s\n", std::string(timed.status().message()).c_str());
  return 1;
}

}  // namespace
}  // namespace normbench

int main(int argc, char** argv) {
  return normbench::Main(argc, argv);
}
