// SPDX-License-Identifier: Apache-2.0
// The fused rows: what networks compute around a normalization. A table, as sweeps have no words
// for them.
#pragma once

#include <string>
#include <vector>

#include "server/kernels/native/fusion.h"

namespace normbench {

struct FusedCase {
  std::string key;  // of the norm alone
  Fusion fusion;
  bool keeps_sum = false;
};

std::vector<FusedCase> FusedCases();

}  // namespace normbench
