// SPDX-License-Identifier: Apache-2.0
#include "bench/report/writers/google_benchmark.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bench/report/invariance_case.h"

namespace normbench {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kNanoseconds = 1e9;

Json ContextOf(const v1::Report& report) {
  const v1::Environment& server = report.server();
  return {{"date", report.started()},
          {"host_name", server.host()},
          {"executable", absl::StrCat("normbench run ", report.sweep().name())},
          {"num_cpus", server.cpus()},
          {"library_build_type", "release"},
          {"normbench_version", server.normbench_version()},
          {"normbench_sha", server.git_sha()},
          {"normbench_run_id", report.run_id()}};
}

// Why a tracker should not keep the time; empty: it may.
std::string WhyNot(const v1::CaseResult& result) {
  if (result.status() == "failed") return result.error();
  const v1::Quantile& p50 = result.latency_all().p50();
  if (p50.is_infinite()) return "more than half of the requests failed";
  return p50.has_low() ? "" : result.error().empty() ? "too few samples" : result.error();
}

void AddCounters(const v1::CaseResult& result, Json& entry) {
  const auto nanoseconds = [&entry](const char* name, bool given, double seconds) {
    if (given) entry[name] = seconds * kNanoseconds;
  };
  const v1::LatencySummary& all = result.latency_all();
  nanoseconds("p50_low_ns", all.p50().has_low(), all.p50().low());
  nanoseconds("p50_high_ns", all.p50().has_high(), all.p50().high());
  nanoseconds("p90_ns", all.p90().has_low(), all.p90().value());
  nanoseconds("p99_ns", all.p99().has_low(), all.p99().value());
  const double error = result.norm_accuracy().err_scaled();
  if (result.has_norm_accuracy() && std::isfinite(error)) entry["err_scaled"] = error;
  if (result.model_accuracy().has_top1()) entry["top1"] = result.model_accuracy().top1();
}

// An iteration is a comparison.
Json WithInvariance(const v1::CaseResult& result, Json entry) {
  const v1::InvarianceTally& all = result.invariance_numbers().all();
  const double time = result.measured_seconds() * kNanoseconds / std::max(1, all.comparisons());
  entry.update({{"iterations", all.comparisons()}, {"real_time", time}, {"cpu_time", time}});
  entry["equal"] = EqualShare(all);
  if (std::isfinite(all.max_abs())) entry["max_diff"] = all.max_abs();
  return entry;
}

Json BenchmarkOf(const v1::CaseResult& result) {
  Json entry = {{"name", result.key()},
                {"run_name", result.key()},
                {"run_type", "iteration"},
                {"repetitions", 1},
                {"repetition_index", 0},
                {"threads", 1},
                {"iterations", static_cast<int64_t>(result.requests())}};
  const v1::Quantile& p50 = result.latency_all().p50();
  const double time = p50.value() * kNanoseconds;
  entry.update({{"real_time", time}, {"cpu_time", time}, {"time_unit", "ns"}});
  if (result.has_invariance_numbers()) return WithInvariance(result, std::move(entry));
  if (const std::string why = WhyNot(result); !why.empty()) {
    entry.update({{"error_occurred", true}, {"error_message", why}});
    return entry;
  }
  if (result.kernel_numbers().has_effective_bandwidth()) {
    entry["bytes_per_second"] = result.kernel_numbers().effective_bandwidth();
  }
  if (result.has_samples_per_s()) entry["items_per_second"] = result.samples_per_s();
  AddCounters(result, entry);
  return entry;
}

}  // namespace

std::string ReportToGoogleBenchmark(const v1::Report& report) {
  Json benchmarks = Json::array();
  for (const v1::CaseResult& result : report.cases()) {
    if (result.status() != "skipped") benchmarks.push_back(BenchmarkOf(result));
  }
  const Json json = {{"context", ContextOf(report)}, {"benchmarks", std::move(benchmarks)}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace normbench
