// SPDX-License-Identifier: Apache-2.0
// How often the gate is right, by simulated rounds (bench/gate/simulation.h): noise levels x
// effects, many gates each, through the course, the plan and the budget of a real one.
#pragma once

#include <string>

namespace normbench {

struct SimulatedStudyOptions {
  int gates = 2000;              // of each noise level and effect
  std::string policy_file = {};  // empty: four cells and every default
  std::string noise = {};        // only this level; empty: all
  std::string out = {};          // JSON lines; empty: none
  bool common = false;           // see SimulationOptions
};

// Prints plan and table. Returns the exit code: 0, or 2 with what is wrong on standard error.
int SimulatedStudy(const SimulatedStudyOptions& options);

}  // namespace normbench
