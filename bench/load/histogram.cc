// SPDX-License-Identifier: Apache-2.0
#include "bench/load/histogram.h"

#include <bit>

#include "bench/norm/rank.h"

namespace normbench {
namespace {

// The upper ten bits of a double's mantissa and the exponent above them number the buckets: no
// logarithm, no rounding.
constexpr int kMantissaBitsBelow = 52 - 10;

// Index of the first edge that is not below `seconds`. REQUIRES: positive and finite.
constexpr uint64_t EdgeNumber(double seconds) {
  const uint64_t below = (uint64_t{1} << kMantissaBitsBelow) - 1;
  return (std::bit_cast<uint64_t>(seconds) + below) >> kMantissaBitsBelow;
}

constexpr uint64_t kFirstEdge = EdgeNumber(Histogram::kMinSeconds);
constexpr size_t kBuckets = EdgeNumber(Histogram::kMaxSeconds) - kFirstEdge + 1;

double UpperEdge(size_t bucket) {
  return std::bit_cast<double>((kFirstEdge + bucket) << kMantissaBitsBelow);
}

size_t BucketOf(double seconds) {
  if (!(seconds > Histogram::kMinSeconds)) return 0;
  if (seconds > Histogram::kMaxSeconds) return kBuckets - 1;
  return EdgeNumber(seconds) - kFirstEdge;
}

}  // namespace

Histogram::Histogram() : counts_(kBuckets) {}

void Histogram::Record(double seconds) {
  ++counts_[BucketOf(seconds)];
  ++count_;
}

void Histogram::Merge(const Histogram& other) {
  for (size_t i = 0; i < kBuckets; ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
}

double Histogram::Quantile(double q) const {
  int64_t left = NearestRankOf(count_, q);
  size_t bucket = 0;
  for (; bucket + 1 < kBuckets; ++bucket) {
    left -= counts_[bucket];
    if (left <= 0) break;
  }
  return UpperEdge(bucket);
}

std::vector<std::pair<double, double>> Histogram::Buckets() const {
  std::vector<std::pair<double, double>> buckets;
  for (size_t i = 0; i < kBuckets; ++i) {
    if (counts_[i] > 0) buckets.emplace_back(UpperEdge(i), static_cast<double>(counts_[i]));
  }
  return buckets;
}

}  // namespace normbench
