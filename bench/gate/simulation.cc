// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/simulation.h"

#include <cmath>
#include <numbers>
#include <utility>

#include "bench/gate/gated_metric.h"
#include "bench/gate/visit_order.h"
#include "bench/norm/generator.h"

namespace normbench {
namespace {

constexpr double kMemory = 0.9;  // of the drift, from visit to visit
constexpr double kSpike = 0.25;  // mean of a spike, exponential, of the logarithm
constexpr double kTail = 2;      // the residual of p99 over that of p50
constexpr uint64_t kStream = 0x73696d0000000000;

}  // namespace

std::vector<NoiseLevel> NoiseLevels() {
  return {{"quiet", 0.03, 0.02, 0.05}, {"noisy", 0.06, 0.03, 0.08}, {"bad", 0.10, 0.05, 0.12}};
}

SimulatedRounds::SimulatedRounds(const std::vector<GatedCell>& cells, SimulationOptions options)
    : cells_(cells), options_(std::move(options)) {
  drift_ = options_.noise.drift * Normal();
}

double SimulatedRounds::Uniform() {
  const auto words = Philox(options_.seed, kStream, draws_++);
  return (words[0] + 0.5) * 0x1p-32;
}

double SimulatedRounds::Normal() {
  const double radius = std::sqrt(-2 * std::log(Uniform()));
  return radius * std::cos(2 * std::numbers::pi * Uniform());
}

double SimulatedRounds::Spike() {
  return Uniform() < options_.noise.spikes ? -kSpike * std::log(Uniform()) : 0;
}

std::vector<double> SimulatedRounds::Noise(const GatedCell& cell) {
  std::vector<double> noise;
  double visit = Residual() + Spike();
  for (const v1::GatedMetric& metric : cell.metrics) {
    if (!options_.common && !noise.empty()) visit = Residual() + Spike();
    // Independent deviations add up by their squares.
    const double tail = metric.metric() == "p99" ? std::sqrt(kTail * kTail - 1) * Residual() : 0;
    noise.push_back(drift_ + visit + tail);
  }
  return noise;
}

absl::StatusOr<v1::Round> SimulatedRounds::Measure(const RoundRequest& request) {
  v1::Round round;
  const auto seed = static_cast<int>(options_.seed);
  const bool with_floor = request.phase != "confirmation";
  for (const std::string_view arm : VisitOrder(seed, request.number, with_floor)) {
    v1::ArmVisit& visit = *round.add_visits();
    visit.set_arm(std::string(arm));
    const double innovation = options_.noise.drift * std::sqrt(1 - kMemory * kMemory);
    drift_ = kMemory * drift_ + innovation * Normal();
    seconds_ += options_.visit_seconds;
    for (const size_t number : request.cells) {
      const GatedCell& cell = cells_[number];
      v1::CellSample& sample = *visit.add_cells();
      sample.set_key(cell.c.key);
      const double effect = arm == "B" ? std::log1p(options_.effect) : 0;
      const std::vector<double> noise = Noise(cell);
      for (size_t i = 0; i < noise.size(); ++i) {
        const std::string& metric = cell.metrics[i].metric();
        const double slower = std::exp(effect + noise[i]);
        const bool is_time = FindGateable(metric)->lower_is_better;
        (*sample.mutable_metrics())[metric] = is_time ? 1e-3 * slower : 1e3 / slower;
      }
    }
  }
  return round;
}

}  // namespace normbench
