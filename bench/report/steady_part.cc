// SPDX-License-Identifier: Apache-2.0
#include "bench/report/steady_part.h"

#include <algorithm>
#include <vector>

namespace normbench {
namespace {

// Slices need no batching of their own: FindSteadyState takes means of five of them.
constexpr size_t kMaxSlices = 1000;

double Completion(const Sample& sample) {
  return sample.start_seconds + sample.latency_seconds;
}

double FirstSend(const SampleList& samples) {
  double first = samples.front().start_seconds;
  for (const Sample& sample : samples) first = std::min(first, sample.start_seconds);
  return first;
}

// Completions in each of `slices` equal parts of begin .. end.
std::vector<double> Throughput(const SampleList& samples, double begin, double width,
                               size_t slices) {
  std::vector<double> counts(slices, 0.0);
  for (const Sample& sample : samples) {
    const double slice = (Completion(sample) - begin) / width;
    counts[std::min(slices - 1, static_cast<size_t>(std::max(0.0, slice)))] += 1;
  }
  return counts;
}

}  // namespace

SteadyPart FindSteadyPart(const SampleList& samples) {
  SteadyPart part = WholePart(samples);
  if (part.seconds <= 0) return part;
  const double begin = FirstSend(samples);
  const double end = begin + part.seconds;
  const size_t slices = std::min(kMaxSlices, samples.size());
  const double width = part.seconds / static_cast<double>(slices);
  const SteadyState found = FindSteadyState(Throughput(samples, begin, width, slices));
  part.steadiness = found.steadiness;
  if (found.steadiness != Steadiness::kSteady) return part;
  const double cut = begin + width * static_cast<double>(found.discard);
  while (found.discard > 0 && part.first + 1 < samples.size() &&
         Completion(samples[part.first]) <= cut) {
    ++part.first;
  }
  part.seconds = end - cut;
  return part;
}

SteadyPart WholePart(const SampleList& samples) {
  SteadyPart part;
  if (!samples.empty()) part.seconds = Completion(samples.back()) - FirstSend(samples);
  return part;
}

}  // namespace normbench
