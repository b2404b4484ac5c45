// SPDX-License-Identifier: Apache-2.0
// Rounds without a machine: the noise of a shared runner as a model, for tests and for the study of
// how often the gate is right. The model and its three levels are those of the measurement rules:
// the logarithm of a time is a drift that changes slowly (AR(1)), a residual of each visit, and
// sometimes a spike upwards.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/gate/gate_run.h"

namespace normbench {

struct NoiseLevel {
  std::string name;
  double drift = 0;     // sd of the drift, of the logarithm
  double residual = 0;  // sd of a visit
  double spikes = 0;    // share of the visits that are disturbed
};

// quiet, noisy, bad.
std::vector<NoiseLevel> NoiseLevels();

struct SimulationOptions {
  NoiseLevel noise;
  double effect = 0;         // B is slower by this share: p50, p99 and samples_per_s alike
  uint64_t seed = 1;         // of one gate
  double visit_seconds = 1;  // what a visit takes of the budget
  // Residual and spikes are of the visit to a cell, all of its metrics have the same, p99 some
  // more; else of each metric. The truth is between: the one finds a regression less often, the
  // other leaves more open.
  bool common = false;
};

class SimulatedRounds final : public RoundSource {
 public:
  // `cells` outlives this.
  SimulatedRounds(const std::vector<GatedCell>& cells, SimulationOptions options);

  absl::StatusOr<v1::Round> Measure(const RoundRequest& request) override;
  double Seconds() override { return seconds_; }

 private:
  double Normal();
  double Uniform();
  // Of the logarithm of each metric of a cell in this visit; the drift is common to all cells.
  std::vector<double> Noise(const GatedCell& cell);
  double Residual() { return options_.noise.residual * Normal(); }
  double Spike();

  const std::vector<GatedCell>& cells_;
  const SimulationOptions options_;
  uint64_t draws_ = 0;
  double drift_ = 0;
  double seconds_ = 0;
};

}  // namespace normbench
