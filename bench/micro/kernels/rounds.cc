// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/kernels/rounds.h"

#include <algorithm>
#include <chrono>

#include "bench/stats/quantile.h"

namespace normbench {
namespace {

constexpr int64_t kMaxCallsPerSample = 1 << 20;
constexpr int kAgreeing = 10;  // samples in a row that are long enough: slow calls prove nothing

class Turns {
 public:
  Turns(const CallMany& call, const RoundsOptions& options) : call_(call), options_(options) {}

  // Doubles the calls of a sample until it is long enough; a turn's time is enough for that.
  absl::Status Calibrate() {
    double spent = 0;
    for (int agreed = 0; agreed < kAgreeing && spent < options_.seconds;) {
      const absl::StatusOr<double> seconds = Sample();
      if (!seconds.ok()) return seconds.status();
      spent += *seconds;
      ++agreed;
      if (*seconds < options_.sample_seconds && times_.calls_per_sample < kMaxCallsPerSample) {
        times_.calls_per_sample *= 2;
        agreed = 0;
      }
    }
    return absl::OkStatus();
  }

  absl::Status Turn() {
    if (const auto untimed = Sample(); !untimed.ok()) return untimed.status();
    const size_t before = times_.samples.size();
    for (double spent = 0; spent < options_.seconds || times_.samples.size() == before;) {
      const absl::StatusOr<double> seconds = Sample();
      if (!seconds.ok()) return seconds.status();
      spent += *seconds;
      times_.samples.push_back(*seconds / static_cast<double>(times_.calls_per_sample));
    }
    std::vector<double> sorted(times_.samples.begin() + static_cast<int64_t>(before),
                               times_.samples.end());
    std::sort(sorted.begin(), sorted.end());
    times_.per_round.push_back(NearestRank(sorted, 0.5));
    return absl::OkStatus();
  }

  ContenderTimes times() && { return std::move(times_); }

 private:
  absl::StatusOr<double> Sample() {
    const double start = options_.clock();
    absl::Status status = call_(calls_, times_.calls_per_sample);
    const double end = options_.clock();
    calls_ += times_.calls_per_sample;
    if (!status.ok()) return status;
    return end - start;
  }

  const CallMany& call_;
  const RoundsOptions& options_;
  int64_t calls_ = 0;
  ContenderTimes times_;
};

}  // namespace

double SteadySeconds() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

absl::StatusOr<std::vector<ContenderTimes>> RunRounds(const std::vector<CallMany>& contenders,
                                                      const RoundsOptions& options) {
  std::vector<Turns> all;
  for (const CallMany& contender : contenders) all.emplace_back(contender, options);
  for (Turns& turns : all) {
    if (absl::Status status = turns.Calibrate(); !status.ok()) return status;
  }
  for (int round = 0; round < options.rounds; ++round) {
    for (size_t i = 0; i < all.size(); ++i) {
      Turns& turns = all[round % 2 == 0 ? i : all.size() - 1 - i];
      if (absl::Status status = turns.Turn(); !status.ok()) return status;
    }
  }
  std::vector<ContenderTimes> times;
  for (Turns& turns : all) times.push_back(std::move(turns).times());
  return times;
}

}  // namespace normbench
