// SPDX-License-Identifier: Apache-2.0
#include "client/doctor/noise_floor.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "bench/load/pacing.h"
#include "bench/stats/median.h"

namespace normbench {
namespace {

constexpr int kWantedPairs = 20;
constexpr double kShortestWindow = 0.02;
constexpr double kLongestWindow = 0.5;
constexpr double kNormal = 1.4826;  // times the median distance from 0 is the sd of normal values
constexpr std::array kFigures = {"p50", "mean"};

double MeanOf(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// Of one window, in the order of kFigures.
using Figures = std::array<double, kFigures.size()>;

// The windows of one work by arm.
using Arms = std::array<std::vector<Figures>, 2>;

std::vector<double> Column(const std::vector<Figures>& windows, size_t figure) {
  std::vector<double> column(windows.size());
  std::transform(windows.begin(), windows.end(), column.begin(),
                 [figure](const Figures& figures) { return figures[figure]; });
  return column;
}

NoiseRow RowOf(const std::string& work, const Arms& arms, size_t figure) {
  const std::vector<double> a = Column(arms[0], figure);
  const std::vector<double> b = Column(arms[1], figure);
  NoiseRow row{.work = work, .figure = kFigures[figure], .pairs = static_cast<int>(a.size())};
  if (a.empty()) return row;
  std::vector<double> all = a;
  all.insert(all.end(), b.begin(), b.end());
  row.seconds = Median(std::move(all));
  row.sd = DeviationOfLogRatios(a, b);
  return row;
}

class Meter {
 public:
  Meter(std::span<const Work> works, const NoiseOptions& options)
      : works_(works), options_(options), arms_(works.size()) {
    if (!options_.now) options_.now = SteadySeconds;
    const double windows = 2.0 * static_cast<double>(works.size());
    window_ =
        std::clamp(options_.seconds / windows / kWantedPairs, kShortestWindow, kLongestWindow);
    pair_ = window_ * windows;
  }

  absl::Status Measure() {
    const double end = options_.now() + options_.seconds;
    // What runs for the first time is slower.
    if (const auto warm = Visit(kShortestWindow); !warm.ok()) return warm.status();
    while (!options_.stop() && options_.now() + pair_ <= end) {
      const auto first = Visit(window_);
      if (!first.ok()) return first.status();
      const auto second = Visit(window_);
      if (!second.ok()) return second.status();
      if (options_.stop()) break;  // its windows were cut short
      for (size_t w = 0; w < works_.size(); ++w) {
        arms_[w][0].push_back((*first)[w]);
        arms_[w][1].push_back((*second)[w]);
      }
    }
    return absl::OkStatus();
  }

  std::vector<NoiseRow> Rows() const {
    std::vector<NoiseRow> rows;
    for (size_t w = 0; w < works_.size(); ++w) {
      for (size_t f = 0; f < kFigures.size(); ++f) {
        rows.push_back(RowOf(works_[w].name, arms_[w], f));
      }
    }
    return rows;
  }

 private:
  // One arm: a window of each work.
  absl::StatusOr<std::vector<Figures>> Visit(double seconds) {
    std::vector<Figures> visit;
    for (const Work& work : works_) {
      const auto figures = Window(work, seconds);
      if (!figures.ok()) return figures.status();
      visit.push_back(*figures);
    }
    return visit;
  }

  absl::StatusOr<Figures> Window(const Work& work, double seconds) {
    std::vector<double> pieces;
    const double end = options_.now() + seconds;
    double after = 0;
    do {
      const double before = options_.now();
      if (absl::Status status = work.once(); !status.ok()) return status;
      after = options_.now();
      pieces.push_back(after - before);
    } while (after < end && !options_.stop());
    const double mean = MeanOf(pieces);
    return Figures{Median(std::move(pieces)), mean};
  }

  std::span<const Work> works_;
  NoiseOptions options_;
  std::vector<Arms> arms_;
  double window_ = 0;
  double pair_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<NoiseRow>> MeasureNoise(std::span<const Work> works,
                                                   const NoiseOptions& options) {
  Meter meter(works, options);
  if (absl::Status status = meter.Measure(); !status.ok()) return status;
  return meter.Rows();
}

std::optional<double> DeviationOfLogRatios(std::span<const double> a, std::span<const double> b) {
  if (a.empty()) return std::nullopt;
  std::vector<double> distances(a.size());
  std::transform(a.begin(), a.end(), b.begin(), distances.begin(),
                 [](double x, double y) { return std::abs(std::log(y / x)); });
  const double robust = kNormal * Median(distances);
  if (robust > 0) return robust;
  for (double& distance : distances) distance *= distance;
  return std::sqrt(MeanOf(distances));
}

}  // namespace normbench
