// SPDX-License-Identifier: Apache-2.0
// The classification extension: instead of an output's numbers, its largest ones as texts
// "VALUE:CLASS" or, where the class has a label, "VALUE:CLASS:LABEL".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace normbench {

// Numbers of a V2 datatype of fixed size, row-major.
struct ClassScores {
  std::string_view datatype;
  const std::byte* data = nullptr;
  int64_t rows = 1;     // samples
  int64_t per_row = 1;  // classes
};

// A class's text is not longer than this, with its length in front: for budgets.
int64_t MaxClassBytes();

// Returns a raw BYTES tensor of (rows, min(top, per_row)) elements: each sample's largest values,
// descending, equal ones by class, NaN last. Values are written so that they read back the same.
// `labels` may be shorter than the classes. REQUIRES: top >= 1, a known datatype.
std::string TopClasses(const ClassScores& scores, int64_t top,
                       const std::vector<std::string>& labels);

}  // namespace normbench
