// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/kernels/result_json.h"

#include <nlohmann/json.hpp>

#include "bench/micro/kernels/judgement.h"

namespace normbench {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kMicro = 1e6;

Json OrNull(const std::optional<double>& value) {
  return value ? Json(*value) : Json();
}

Json OptionsJson(const BenchOptions& options) {
  const RoundsOptions& rounds = options.run.rounds;
  return {{"suites", options.suites},
          {"filter", options.filter},
          {"cache", Name(options.run.cache)},
          {"threads", options.run.threads},
          {"pairs", rounds.rounds},
          {"seconds", rounds.seconds},
          {"sample_seconds", rounds.sample_seconds},
          {"isa", options.isa},
          {"target", OrNull(options.target)},
          {"verdicts_bind", options.run.time && IsBinding(rounds)},
          {"timed", options.run.time},
          {"verified", options.run.verify}};
}

Json SurroundingsJson(const Surroundings& surroundings) {
  const HostFacts& host = surroundings.host;
  return {{"host", host.host},
          {"cpu_model", host.cpu_model},
          {"cpus", host.cpus},
          {"isa", host.isa},
          {"os", host.os},
          {"compiler", host.compiler},
          {"torch", surroundings.torch},
          {"allocator", surroundings.allocator},
          {"last_level_cache_bytes", surroundings.cache_bytes},
          {"load_before", OrNull(surroundings.load_before)},
          {"load_after", OrNull(surroundings.load_after)},
          {"other_runnable_threads", OrNull(surroundings.others)},
          {"steal_ratio", OrNull(surroundings.steal)}};
}

Json TimesJson(const CallTimes& times) {
  return {{"time_source", "steady_clock"}, {"min_us", times.min * kMicro},
          {"p50_us", times.p50 * kMicro},  {"p90_us", times.p90 * kMicro},
          {"samples", times.samples},      {"iters_per_sample", times.calls_per_sample}};
}

// An infinite number, which JSON has not, becomes null.
Json AccuracyJson(const Verification& seen) {
  Json json = {{"right", seen.right()},
               {"err_scaled", seen.accuracy.err_scaled},
               {"bound", seen.bound},
               {"max_abs", seen.accuracy.max_abs},
               {"nonfinite_mismatches", seen.accuracy.nonfinite_mismatches},
               {"sum_right", seen.sum_right}};
  if (seen.accuracy.misrounded) json["misrounded"] = *seen.accuracy.misrounded;
  return json;
}

Json RowJson(const ContenderResult& row, const BenchOptions& options) {
  Json json = {{"contender", row.contender}, {"key", row.key}};
  if (!row.description.empty()) json["description"] = row.description;
  if (!row.not_offered.empty()) json["not_offered"] = row.not_offered;
  if (row.times) {
    json["times"] = TimesJson(*row.times);
    json["effective_gb_per_s"] = row.gigabytes_per_s;
    if (row.part_of_copy) json["percent_of_copy"] = *row.part_of_copy * 100;
  }
  if (row.over_torch) {
    json["torch_over_this"] = {{"ratio", row.over_torch->ratio},
                               {"low", row.over_torch->low},
                               {"high", row.over_torch->high},
                               {"pairs", row.over_torch->pairs}};
  }
  if (const std::string verdict = VerdictOf(row, options); !verdict.empty()) {
    json["verdict"] = verdict;
  }
  if (row.verification) json["accuracy"] = AccuracyJson(*row.verification);
  return json;
}

Json CaseJson(const CaseResult& result, const BenchOptions& options) {
  Json json = {{"label", Label(result.bench_case)},
               {"fused", FusionText(result.bench_case)},
               {"threads", result.threads},
               {"tensor_bytes", TensorBytes(result.bench_case)},
               {"algorithmic_bytes", AlgorithmicBytes(result.bench_case)},
               {"contenders", Json::array()}};
  for (const ContenderResult& row : result.contenders) {
    json["contenders"].push_back(RowJson(row, options));
  }
  return json;
}

}  // namespace

std::string ResultJson(const BenchOptions& options, const Surroundings& surroundings,
                       const std::vector<CaseResult>& results) {
  Json json = {{"schema_version", kResultVersion},
               {"options", OptionsJson(options)},
               {"surroundings", SurroundingsJson(surroundings)},
               {"cases", Json::array()}};
  for (const CaseResult& result : results) json["cases"].push_back(CaseJson(result, options));
  return json.dump(1) + "\n";
}

}  // namespace normbench
