// SPDX-License-Identifier: Apache-2.0
// rpc_limits: how long after its timeout a queued request is refused, while the only worker is held
// by another batch.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <string>

#include "bench/host/lock_checks.h"
#include "bench/micro/rpc/expiry.h"
#include "bench/stats/quantile.h"

namespace normbench {
namespace {

constexpr double kTargetSeconds = 5e-3;  // of the 99th percentile

// As a met or missed target is told elsewhere: by the interval.
const char* Judge(double p99, const Interval& interval) {
  if (p99 <= kTargetSeconds) return "met";
  return interval.low > kTargetSeconds ? "missed" : "undecided";
}

int Print(const std::vector<double>& lags) {
  std::printf("%zu requests refused; lag behind their timeouts, as their client sees it\n",
              lags.size());
  std::printf("%8s %10s\n", "", "ms");
  for (const double q : {0.5, 0.9, 0.99, 1.0}) {
    std::printf("%7.0f%% %10.3f\n", q * 100, NearestRank(lags, q) * 1e3);
  }
  const double p99 = NearestRank(lags, 0.99);
  const auto interval = QuantileInterval(lags, 0.99, 0.95, static_cast<double>(lags.size()));
  if (!interval.has_value()) {
    std::printf("p99 has no interval: too few requests\n");
    return 0;
  }
  const std::string verdict = Judge(p99, *interval);
  std::printf("p99 %.3f ms [%.3f, %.3f]  <= %.1f  %s\n", p99 * 1e3, interval->low * 1e3,
              interval->high * 1e3, kTargetSeconds * 1e3, verdict.c_str());
  return verdict == "missed" ? 3 : 0;
}

int Main(int argc, char** argv) {
  StopLockChecks();
  CLI::App app("Times how long after its timeout a queued request is refused.");
  ExpirySetup setup;
  setup.bin = std::filesystem::canonical("/proc/self/exe").parent_path();
  setup.scratch = "normbench-results/rpc_limits";
  app.add_option("--requests", setup.requests, "that expire (default 2000)")
      ->check(CLI::Range(1, 20000));
  app.add_option("--in-flight", setup.in_flight, "that wait at a time (default 16)")
      ->check(CLI::Range(1, 256));
  app.add_option("--scratch", setup.scratch, "folder for the log and the model");
  app.add_option("--bin", setup.bin, "folder of normbench-server");
  constexpr int kParsed = -1;
  const auto parse = [&] {
    CLI11_PARSE(app, argc, argv);
    return kParsed;
  };
  if (const int code = parse(); code != kParsed) return code == 0 ? 0 : 2;
  if (setup.requests / setup.in_flight > 1000) {
    std::fprintf(stderr,
                 "rpc_limits: --requests: %d with --in-flight %d; allowed: up to 1000 times\n",
                 setup.requests, setup.in_flight);
    return 2;
  }
  const auto lags = ExpiryLags(setup);
  if (lags.ok()) return Print(*lags);
  std::fprintf(stderr, "rpc_limits: %s\n", std::string(lags.status().message()).c_str());
  return 1;
}

}  // namespace
}  // namespace normbench

int main(int argc, char** argv) {
  return normbench::Main(argc, argv);
}
