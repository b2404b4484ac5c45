// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/kernels/run_case.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bench/micro/kernels/suite.h"
#include "bench/stats/quantile.h"

namespace normbench {
namespace {

constexpr size_t kPairsForInterval = 6;

CallTimes Summarized(ContenderTimes times) {
  std::sort(times.samples.begin(), times.samples.end());
  return {.min = times.samples.front(),
          .p50 = NearestRank(times.samples, 0.5),
          .p90 = NearestRank(times.samples, 0.9),
          .samples = static_cast<int64_t>(times.samples.size()),
          .calls_per_sample = times.calls_per_sample};
}

absl::Status Named(const absl::Status& status, const std::string& contender) {
  return absl::Status(status.code(), absl::StrCat(contender, ": ", status.message()));
}

// Contenders of one case with one number of threads.
class Round {
 public:
  Round(const BenchCase& bench_case, const RunOptions& options, int threads, CaseMemory& memory)
      : options_(options), memory_(memory), result_{bench_case, threads, {}} {}

  absl::Status Bind(Contender& contender) {
    ContenderResult row{
        .contender = contender.name(),
        .key = RunKey(result_.bench_case, contender.name(), options_.cache, result_.threads),
        .description = "",
        .normalizes = contender.normalizes(),
        .not_offered = "",
        .verification = {},
        .times = {},
        .part_of_copy = {},
        .over_torch = {}};
    auto bound = contender.Bind(result_.bench_case, memory_, result_.threads);
    if (bound.ok()) {
      row.description = (*bound)->description();
      bound_.push_back(*std::move(bound));
    } else if (absl::IsUnimplemented(bound.status())) {
      row.not_offered = std::string(bound.status().message());
      bound_.push_back(nullptr);
    } else {
      return Named(bound.status(), row.contender);
    }
    result_.contenders.push_back(std::move(row));
    return absl::OkStatus();
  }

  absl::Status VerifyAll(const CaseReference& reference) {
    for (size_t i = 0; i < bound_.size(); ++i) {
      ContenderResult& row = result_.contenders[i];
      if (!bound_[i] || !row.normalizes) continue;
      auto verification = Verify(result_.bench_case, reference, memory_, *bound_[i]);
      if (!verification.ok()) return Named(verification.status(), row.contender);
      row.verification = *verification;
    }
    return absl::OkStatus();
  }

  absl::Status Time() {
    std::vector<CallMany> calls;
    std::vector<size_t> rows;
    for (size_t i = 0; i < bound_.size(); ++i) {
      if (!bound_[i]) continue;
      rows.push_back(i);
      calls.push_back([bound = bound_[i].get()](int64_t first, int64_t count) {
        return bound->Run(first, count);
      });
    }
    auto times = RunRounds(calls, options_.rounds);
    if (!times.ok()) return times.status();
    per_round_.resize(bound_.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      per_round_[rows[i]] = (*times)[i].per_round;
      result_.contenders[rows[i]].times = Summarized((*times)[i]);
    }
    Compare();
    return absl::OkStatus();
  }

  CaseResult result() && { return std::move(result_); }

 private:
  void Compare() {
    const auto tensor = static_cast<double>(TensorBytes(result_.bench_case));
    const auto bytes = static_cast<double>(AlgorithmicBytes(result_.bench_case));
    for (ContenderResult& row : result_.contenders) {
      if (!row.times) continue;
      row.gigabytes_per_s = (row.normalizes ? bytes : 2 * tensor) / row.times->p50 / 1e9;
    }
    for (size_t i = 0; i < bound_.size(); ++i) {
      ContenderResult& row = result_.contenders[i];
      if (!row.times || !row.normalizes) continue;
      if (const ContenderResult* copy = CopyLike(*bound_[i]); copy != nullptr) {
        row.part_of_copy = row.gigabytes_per_s / copy->gigabytes_per_s;
      }
      row.over_torch = OverTorch(i);
    }
  }

  const ContenderResult* CopyLike(const BoundContender& bound) const {
    const char* const name = bound.streams() ? "copy/streaming" : "copy";
    for (const ContenderResult& row : result_.contenders) {
      if (row.times && row.contender == name) return &row;
    }
    return nullptr;
  }

  std::optional<PairedRatio> OverTorch(size_t index) const {
    for (size_t i = 0; i < bound_.size(); ++i) {
      if (result_.contenders[i].contender != "torch" || i == index) continue;
      if (per_round_[i].size() < kPairsForInterval) return std::nullopt;
      const auto ratio = RatioOfPairs(per_round_[i], per_round_[index]);
      if (ratio.ok()) return *ratio;
    }
    return std::nullopt;
  }

  const RunOptions& options_;
  CaseMemory& memory_;
  CaseResult result_;
  std::vector<std::unique_ptr<BoundContender>> bound_;  // null: not offered
  std::vector<std::vector<double>> per_round_;
};

}  // namespace

absl::StatusOr<std::vector<CaseResult>> RunCase(const BenchCase& bench_case,
                                                const Contenders& contenders,
                                                const RunOptions& options) {
  const bool cold = options.cache == Cache::kCold && options.time;
  CaseMemory memory(bench_case, cold ? ColdLanes(bench_case, options.cache_bytes) : 1);
  std::optional<CaseReference> reference;
  if (options.verify) reference = MakeReference(bench_case, memory);
  std::vector<CaseResult> results;
  for (const int threads : options.threads) {
    Round round(bench_case, options, threads, memory);
    for (const auto& contender : contenders) {
      if (absl::Status status = round.Bind(*contender); !status.ok()) return status;
    }
    if (reference) {
      if (absl::Status status = round.VerifyAll(*reference); !status.ok()) return status;
    }
    if (options.time) {
      if (absl::Status status = round.Time(); !status.ok()) return status;
    }
    results.push_back(std::move(round).result());
  }
  return results;
}

}  // namespace normbench
