// SPDX-License-Identifier: Apache-2.0
#include "bench/report/open_series.h"

#include <cstdint>
#include <limits>

namespace normbench {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

double Scheduled(const Sample& sample) {
  return sample.lag_seconds + sample.latency_seconds;
}

template <typename Add>
std::vector<double> ValuesOf(const OpenSeries& series, const Add& add) {
  std::vector<double> values;
  values.reserve(series.most);
  for (size_t i = 0; i < series.most; ++i) add(series.loop.recorder.samples()[i], &values);
  return values;
}

}  // namespace

bool AllKept(const OpenLoopResult& loop) {
  return loop.recorder.count() == static_cast<int64_t>(loop.recorder.samples().size()) &&
         loop.dropped == static_cast<int64_t>(loop.drop_times.size());
}

double Failures(const OpenLoopResult& loop) {
  return static_cast<double>(loop.errors - loop.recorder.ragged_errors());
}

std::vector<double> OpenSeries::Ok() const {
  return ValuesOf(*this, [](const Sample& sample, std::vector<double>* ok) {
    if (!sample.ragged && sample.code == 0) ok->push_back(Scheduled(sample));
  });
}

std::vector<double> OpenSeries::All() const {
  const std::vector<double>& drops = loop.drop_times;
  auto drop = drops.begin();
  std::vector<double> all = ValuesOf(*this, [&](const Sample& sample, std::vector<double>* all) {
    const double end = sample.start_seconds + sample.latency_seconds;
    for (; drop != drops.end() && *drop <= end; ++drop) all->push_back(kInfinity);
    if (!sample.ragged) all->push_back(sample.code == 0 ? Scheduled(sample) : kInfinity);
  });
  if (most < loop.recorder.samples().size()) return all;
  all.insert(all.end(), static_cast<size_t>(drops.end() - drop), kInfinity);
  return all;
}

std::vector<double> OpenSeries::Sent() const {
  return ValuesOf(*this, [](const Sample& sample, std::vector<double>* sent) {
    if (!sample.ragged) sent->push_back(sample.code == 0 ? sample.latency_seconds : kInfinity);
  });
}

std::vector<double> OpenSeries::Lag() const {
  return ValuesOf(*this, [](const Sample& sample, std::vector<double>* lag) {
    lag->push_back(sample.lag_seconds);
  });
}

}  // namespace normbench
