// SPDX-License-Identifier: Apache-2.0
#include "bench/stats/tost.h"

#include <algorithm>

#include "bench/stats/signed_rank.h"

namespace normbench {

double TostP(std::span<const double> differences, double low, double high) {
  return std::max(SignedRankPGreater(differences, low), SignedRankPLess(differences, high));
}

}  // namespace normbench
