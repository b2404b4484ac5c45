// SPDX-License-Identifier: Apache-2.0
#include "bench/load/arrivals.h"

#include <cmath>
#include <utility>

#include "bench/norm/generator.h"

namespace normbench {
namespace {

// Of the seed; others belong to the data of norm cases.
constexpr uint64_t kStream = uint64_t{1} << 62;

// Value number `index`, exponentially distributed with mean 1, from 53 random bits.
double UnitExponential(uint64_t seed, uint64_t index) {
  const auto words = Philox(seed, kStream, index);
  const uint64_t bits = (uint64_t{words[0]} << 21) ^ (words[1] >> 11);
  return -std::log1p(-static_cast<double>(bits) * 0x1p-53);
}

class RateArrivals final : public Arrivals {
 public:
  RateArrivals(std::vector<RateSegment> segments, Spacing spacing, uint64_t seed)
      : segments_(std::move(segments)), spacing_(spacing), seed_(seed) {}

  std::optional<double> Next() override {
    const double target = NextCount();
    while (segment_ < segments_.size()) {
      const RateSegment& now = segments_[segment_];
      const double within = now.seconds * now.rate;
      if (target - count_ < within) return start_ + (target - count_) / now.rate;
      start_ += now.seconds;
      count_ += within;
      ++segment_;
    }
    return std::nullopt;
  }

 private:
  // How much of the cumulative rate has passed at the next arrival.
  double NextCount() {
    const uint64_t index = index_++;
    if (spacing_ == Spacing::kConstant) return static_cast<double>(index);
    return poisson_ += UnitExponential(seed_, index);
  }

  const std::vector<RateSegment> segments_;
  const Spacing spacing_;
  const uint64_t seed_;
  uint64_t index_ = 0;
  double poisson_ = 0;
  size_t segment_ = 0;
  double start_ = 0;  // of the segment
  double count_ = 0;  // cumulative rate at its start
};

class TraceArrivals final : public Arrivals {
 public:
  explicit TraceArrivals(std::vector<double> times) : times_(std::move(times)) {}

  std::optional<double> Next() override {
    if (index_ == times_.size()) return std::nullopt;
    return times_[index_++];
  }

 private:
  const std::vector<double> times_;
  size_t index_ = 0;
};

}  // namespace

std::unique_ptr<Arrivals> MakeArrivals(std::vector<RateSegment> segments, Spacing spacing,
                                       uint64_t seed) {
  return std::make_unique<RateArrivals>(std::move(segments), spacing, seed);
}

std::unique_ptr<Arrivals> MakeTraceArrivals(std::vector<double> times) {
  return std::make_unique<TraceArrivals>(std::move(times));
}

}  // namespace normbench
