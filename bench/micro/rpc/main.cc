// SPDX-License-Identifier: Apache-2.0
// rpc_bench: what the request path costs, as ratios against peers in the same run.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "bench/host/allocator.h"
#include "bench/host/lock_checks.h"
#include "bench/micro/rpc/echo_server.h"
#include "bench/micro/rpc/model_cases.h"
#include "bench/micro/rpc/process.h"
#include "bench/micro/rpc/rpc_cases.h"
#include "bench/micro/rpc/stub_loop.h"
#include "nlohmann/json.hpp"

namespace normbench {
namespace {

std::string ReadAddress(const std::string& ports_file, const std::string& name) {
  std::ifstream file(ports_file);
  const auto ports = nlohmann::json::parse(file, nullptr, false);
  return ports.value(name, std::string());
}

// One line of the result; returns whether the target was missed.
struct Row {
  std::string name;
  std::string unit;
  double scale;  // from the arm's figure to the unit
  Better better;
  double target;
};

bool Print(const Row& row, const absl::StatusOr<PairedRatio>& result) {
  if (!result.ok()) {
    std::printf("%-46s failed: %s\n", row.name.c_str(),
                std::string(result.status().message()).c_str());
    return true;
  }
  const std::string verdict = JudgeRatio(*result, row.better, row.target);
  std::printf("%-46s %9.1f %9.1f %-7s %6.3f [%.3f, %.3f]  %s %.2f  %s\n", row.name.c_str(),
              result->a * row.scale, result->b * row.scale, row.unit.c_str(), result->ratio,
              result->low, result->high, row.better == Better::kLower ? "<=" : ">=", row.target,
              verdict.c_str());
  std::fflush(stdout);
  return verdict == "missed";
}

using Comparison = std::function<absl::StatusOr<PairedRatio>()>;

std::vector<std::pair<Row, Comparison>> Comparisons(const RpcBenchSetup& setup) {
  std::vector<std::pair<Row, Comparison>> all;
  for (const std::string impl : {"reference", "torch"}) {
    all.push_back({{"4 KiB p50, 1 in flight, " + impl + " / echo", "us", 1e6, Better::kLower, 1.4},
                   [&setup, impl] { return CompareLatency(setup, impl); }});
    all.push_back(
        {{"4 KiB calls/s, 64 in flight, " + impl + " / echo", "1/s", 1, Better::kHigher, 0.6},
         [&setup, impl] { return CompareThroughput(setup, impl); }});
  }
  all.push_back({{"25 MB, server outside kernel / memcpy", "ms", 1e3, Better::kLower, 1},
                 [&setup] { return CompareCopies(setup); }});
  all.push_back({{"calls/s, normbench run / minimal loop", "1/s", 1, Better::kHigher, 0.9},
                 [&setup] { return CompareClient(setup); }});
  all.push_back({{"CPU a call, recording / minimal loop", "ns", 1e9, Better::kLower, 0.02},
                 [&setup] { return CompareRecording(setup); }});
  return all;
}

// `network` and `network_joined` are one network, without and with dynamic batching.
void AddModels(const RpcBenchSetup& setup, std::vector<std::pair<Row, Comparison>>& all) {
  const ModelCall alone{"network", {1, 1, 28, 28}}, batch{"network", {16, 1, 28, 28}};
  const ModelCall joined{"network_joined", {1, 1, 28, 28}, 16};
  const ModelCall joined_alone{"network_joined", {1, 1, 28, 28}};
  const ModelCall norm{"group_norm", {1, 64, 56, 56}};
  all.push_back({{"group norm p50 / echo + 1.3 kernel", "us", 1e6, Better::kLower, 1},
                 [&setup, norm] { return CompareModelToKernel(setup, norm); }});
  all.push_back({{"16 clients joined / request_batch 16", "img/s", 1, Better::kHigher, 0.85},
                 [&setup, joined, batch] { return CompareModels(setup, joined, batch); }});
  all.push_back({{"16 clients joined / request_batch 1", "img/s", 1, Better::kHigher, 1},
                 [&setup, joined, alone] { return CompareModels(setup, joined, alone); }});
  all.push_back({{"batching p50, 1 client, with / without", "us", 1e6, Better::kLower, 1.02},
                 [&setup, joined_alone, alone] {
                   return CompareModelLatencies(setup, joined_alone, alone);
                 }});
}

void AddIdentity(const RpcBenchSetup& setup, std::vector<std::pair<Row, Comparison>>& all) {
  const ModelCall small{"small", {16}}, large{"large", {64, 56, 56}};
  all.push_back({{"16 floats p50, 1 in flight, identity / echo", "us", 1e6, Better::kLower, 1.15},
                 [&setup, small] { return CompareModelLatency(setup, small); }});
  for (const int in_flight : {4, 16}) {
    all.push_back({{"16 floats calls/s, " + std::to_string(in_flight) + " in flight", "1/s", 1,
                    Better::kHigher, 0.7},
                   [&setup, in_flight] {
                     return CompareModelRate(setup, {"small", {16}, in_flight});
                   }});
  }
  all.push_back({{"800 KB p50, 1 in flight, identity / echo", "us", 1e6, Better::kLower, 1.2},
                 [&setup, large] { return CompareModelLatency(setup, large); }});
}

// Those whose name contains `filter`.
int RunAll(const RpcBenchSetup& setup, const std::string& filter) {
  std::printf("%d pairs of %.1f s; ratio: median [95 %% interval]\n", setup.pairs, setup.seconds);
  std::printf("%-46s %9s %9s %-7s %6s\n", "", "A", "B", "", "A/B");
  bool missed = false;
  int ran = 0;
  std::vector<std::pair<Row, Comparison>> all = Comparisons(setup);
  AddIdentity(setup, all);
  if (!setup.models.empty()) AddModels(setup, all);
  for (const auto& [row, compare] : all) {
    if (row.name.find(filter) == std::string::npos) continue;
    ++ran;
    missed |= Print(row, compare());
  }
  if (ran == 0) {
    std::fprintf(stderr, "rpc_bench: --filter: no line has '%s' in its name\n", filter.c_str());
    return 2;
  }
  return missed ? 3 : 0;
}

int Bench(const std::string& bin, const std::string& filter, RpcBenchSetup setup) {
  std::filesystem::create_directories(setup.scratch);
  const std::string server_ports = setup.scratch + "/server.json";
  const std::string echo_ports = setup.scratch + "/echo.json";
  std::filesystem::remove(server_ports);
  std::filesystem::remove(echo_ports);
  const std::string models = setup.scratch + "/rpc_bench_models";
  if (const absl::Status written = WriteBenchModels(models, setup.models); !written.ok()) {
    std::fprintf(stderr, "rpc_bench: %s\n", std::string(written.message()).c_str());
    return 2;
  }
  auto server = Process::Start({bin + "/normbench-server", "--listen", "127.0.0.1:0", "--http",
                                "127.0.0.1:0", "--print-ports", server_ports, "--models", models},
                               setup.scratch + "/server.log");
  auto echo =
      Process::Start({bin + "/rpc_bench", "--echo", echo_ports}, setup.scratch + "/echo.log");
  for (auto* process : {&server, &echo}) {
    absl::Status ready = process->status();
    if (ready.ok()) ready = (*process)->WaitForFile(process == &server ? server_ports : echo_ports);
    if (!ready.ok()) {
      std::fprintf(stderr, "rpc_bench: %s\n", std::string(ready.message()).c_str());
      return 1;
    }
  }
  setup.server_address = ReadAddress(server_ports, "grpc");
  setup.http_address = ReadAddress(server_ports, "http");
  setup.server = OpenChannel(setup.server_address);
  setup.echo = OpenChannel(ReadAddress(echo_ports, "grpc"));
  setup.client_program = bin + "/normbench";
  return RunAll(setup, filter);
}

int Main(int argc, char** argv) {
  // As the programs do: echo and loop must not pay for what they do not.
  KeepLargeBlocks();
  StopLockChecks();
  CLI::App app("Times the request path of normbench-server against a bare callback echo.");
  std::string echo_ports, filter;
  std::string bin = std::filesystem::canonical("/proc/self/exe").parent_path();
  RpcBenchSetup setup;
  setup.scratch = "normbench-results/rpc_bench";
  app.add_option("--pairs", setup.pairs, "interleaved pairs of each comparison, at least 6")
      ->check(CLI::Range(6, 1000));
  app.add_option("--seconds", setup.seconds, "of each arm of a pair")
      ->check(CLI::Range(0.05, 60.0));
  app.add_option("--filter", filter, "only the lines with this in their name");
  app.add_option("--scratch", setup.scratch, "folder for logs and reports");
  app.add_option("--bin", bin, "folder of normbench-server and normbench");
  app.add_option("--models", setup.models,
                 "repository with group_norm, network and network_joined, for the lines on them");
  app.add_option("--echo", echo_ports, "only serve the echo, address into this file");
  constexpr int kParsed = -1;
  const auto parse = [&] {
    CLI11_PARSE(app, argc, argv);
    return kParsed;
  };
  if (const int code = parse(); code != kParsed) return code == 0 ? 0 : 2;
  return echo_ports.empty() ? Bench(bin, filter, std::move(setup)) : RunEchoServer(echo_ports);
}

}  // namespace
}  // namespace normbench

int main(int argc, char** argv) {
  return normbench::Main(argc, argv);
}
