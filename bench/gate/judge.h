// SPDX-License-Identifier: Apache-2.0
// Rounds -> a verdict for each cell and metric. Pure. The rules are those of README.md here: exact
// signed-rank tests and Hodges-Lehmann bounds on paired logarithms, against the margin, Holm over
// all cells and metrics.
#pragma once

#include <string>
#include <vector>

#include "bench/gate/gated_cell.h"
#include "bench/gate/pair_series.h"
#include "normbench/v1/comparison.pb.h"

namespace normbench {

// What a look at the rounds measured so far says, confirmations left out. Each of the two looks of
// a policy with an extension has half of alpha. In the order of cells and their metrics.
std::vector<v1::CellVerdict> JudgeCells(const v1::Policy& policy,
                                        const std::vector<GatedCell>& cells, const Rounds& rounds);

// Puts Holm's adjusted p_regressed and p_improved, over all of them, in place of their own.
void AdjustTogether(std::vector<v1::CellVerdict>* verdicts);

// Adds what fresh rounds say of the cells that have regressed: confirmed where the estimate is
// above 0 and so is its one-sided 95 % bound, else INCONCLUSIVE.
void Confirm(const Rounds& rounds, std::vector<v1::CellVerdict>* verdicts);

// Whether more rounds may change something: a cell without a value in any round will have none.
bool IsOpen(const std::vector<v1::CellVerdict>& verdicts);

// Keys of the cells that have regressed, each once.
std::vector<std::string> RegressedKeys(const std::vector<v1::CellVerdict>& verdicts);

}  // namespace normbench
