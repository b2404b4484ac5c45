// SPDX-License-Identifier: Apache-2.0
// What a gate finds out before its first round: how long a visit takes here, and how many samples
// come in it. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "bench/gate/gated_cell.h"

namespace normbench {

inline constexpr double kUsualSeconds = 0.15;  // of measuring a cell, and the most of a rehearsal

// 0, or no entry: nobody has tried.
struct Rehearsal {
  double visit_seconds = 0;                 // a visit to RehearsedCells
  double spent_seconds = 0;                 // of the budget
  std::map<std::string, double> rate = {};  // samples a second of a cell, by key
};

// `cells` as a rehearsal measures them: briefly, but long enough that something arrives.
std::vector<GatedCell> RehearsedCells(const std::vector<GatedCell>& cells);

// The slower of both, of each cell.
Rehearsal SlowerOf(const Rehearsal& a, const Rehearsal& b);

// Fills in least_seconds: in them come the samples that the cell's metrics take, with a reserve, by
// its schedule or as they came in the rehearsal; 0 where neither says. Returns INVALID_ARGUMENT
// where the policy's own seconds of a cell are too few.
absl::Status SetLeastSeconds(const Rehearsal& rehearsal, std::vector<GatedCell>* cells);

// Which cell takes longer than usual and why, to be added to a sentence; empty: none does.
std::string LongestCell(const std::vector<GatedCell>& cells);

}  // namespace normbench
