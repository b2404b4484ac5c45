// SPDX-License-Identifier: Apache-2.0
// The verdicts of a comparison as a table for text and Markdown.
#pragma once

#include <string>
#include <vector>

#include "bench/report/table.h"
#include "normbench/v1/comparison.pb.h"

namespace normbench {

// A row for each cell and metric, then one for accuracy.
Table VerdictTable(const v1::Comparison& comparison);

// "+6.8 % [+5.1, +8.8]": how much worse B is, with its bounds; "no values" where it cannot be said.
std::string ChangeOf(const v1::CellVerdict& cell);

// "A v0.1.0 (3f2c)   B v0.1.0 (9ab1)   20 rounds A A' B, 4m12s"
std::string ArmsLine(const v1::Comparison& comparison);

// Of the cell whose noise hides most: "A/A' p50 +0.2 % [-0.9, +1.3]   noise sd 2.4 %   MDE(80 %)
// +6.8 %"; empty where no A' was measured.
std::string FloorLine(const v1::Comparison& comparison);

// "VERDICT  REGRESSED, 1 of 3; family-wise alpha 5 % (Holm)   exit 3"
std::string VerdictLine(const v1::Comparison& comparison);

// What became worse in the answers, what changed, and rounds that did not count: whole lines.
std::vector<std::string> Remarks(const v1::Comparison& comparison);

}  // namespace normbench
