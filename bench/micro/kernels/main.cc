// SPDX-License-Identifier: Apache-2.0
// norm_bench: what normalizations cost, LibTorch's, the native kernel's and a copy's in one run.
#include <cstdio>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/host/allocator.h"
#include "bench/host/cache_size.h"
#include "bench/host/host.h"
#include "bench/micro/kernels/contenders.h"
#include "bench/micro/kernels/judgement.h"
#include "bench/micro/kernels/options.h"
#include "bench/micro/kernels/result_json.h"
#include "bench/micro/kernels/result_table.h"
#include "bench/micro/kernels/suite.h"
#include "bench/report/expand.h"
#include "server/kernels/torch_runtime.h"

namespace normbench {
namespace {

// Some blocks are larger than the C library's own threshold, and none shall go back to the system.
constexpr int kKeptMebibytes = 1024;

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "norm_bench: %s\n", std::string(status.message()).c_str());
  return absl::IsInvalidArgument(status) || absl::IsNotFound(status) ? 2 : 1;
}

void Print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

absl::StatusOr<std::vector<BenchCase>> ChosenCases(const BenchOptions& options) {
  std::vector<BenchCase> chosen;
  for (const std::string& suite : options.suites) {
    absl::StatusOr<std::vector<BenchCase>> cases = ReadSuite(suite);
    if (!cases.ok()) return cases.status();
    for (BenchCase& one : *cases) {
      const std::string text = absl::StrCat(Label(one), " ", one.key);
      if (MatchesFilter(text, options.filter)) chosen.push_back(std::move(one));
    }
  }
  if (chosen.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--filter: no case has '", options.filter, "' in its label or key"));
  }
  return chosen;
}

int List(const std::vector<BenchCase>& cases) {
  for (const BenchCase& one : cases) Print(absl::StrCat(Label(one), "\n    ", one.key, "\n"));
  return 0;
}

absl::Status WriteJson(const BenchOptions& options, const Surroundings& surroundings,
                       const std::vector<CaseResult>& results) {
  if (options.json.empty()) return absl::OkStatus();
  std::ofstream file(options.json);
  file << ResultJson(options, surroundings, results) << std::flush;
  if (file) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("--json: cannot write ", options.json));
}

// Every case, printed as it comes.
absl::StatusOr<std::vector<CaseResult>> RunAll(const BenchOptions& options,
                                               const std::vector<BenchCase>& cases,
                                               const Contenders& contenders) {
  std::vector<CaseResult> all;
  for (const BenchCase& one : cases) {
    auto results = RunCase(one, contenders, options.run);
    if (!results.ok()) {
      return absl::Status(results.status().code(),
                          absl::StrCat(Label(one), ": ", results.status().message()));
    }
    Print(TableRows(options, *results));
    for (CaseResult& result : *results) all.push_back(std::move(result));
  }
  return all;
}

int Bench(BenchOptions options, Surroundings surroundings) {
  const auto cases = ChosenCases(options);
  if (!cases.ok()) return Fail(cases.status());
  if (options.list) return List(*cases);
  const auto contenders = MakeContenders(options);
  if (!contenders.ok()) return Fail(contenders.status());
  options.run.cache_bytes = surroundings.cache_bytes;
  Print(TableHead(options, surroundings));
  const auto cpu_before = ReadCpuTimes();
  const auto results = RunAll(options, *cases, *contenders);
  if (!results.ok()) return Fail(absl::InternalError(results.status().message()));
  surroundings.steal = StealRatio(cpu_before, ReadCpuTimes());
  surroundings.load_after = LoadAverage();
  Print(TableFoot(options, *results));
  if (absl::Status status = WriteJson(options, surroundings, *results); !status.ok()) {
    return Fail(status);
  }
  return ExitCodeOf(*results, options);
}

int Main(int argc, char** argv) {
  Surroundings surroundings;
  surroundings.allocator = KeepLargeBlocks(kKeptMebibytes);
  Parsed parsed = ParseOptions(argc, argv);
  if (parsed.exit) return *parsed.exit;
  surroundings.host = ReadHostFacts();
  surroundings.torch = absl::StrCat(TorchVersion(), " ", TorchCpuCapability());
  surroundings.cache_bytes = LastLevelCacheBytes();
  surroundings.load_before = LoadAverage();
  surroundings.others = RunnableThreads();
  return Bench(std::move(parsed.options), std::move(surroundings));
}

}  // namespace
}  // namespace normbench

int main(int argc, char** argv) {
  return normbench::Main(argc, argv);
}
