// SPDX-License-Identifier: Apache-2.0
// A series of times in which one preemption no longer outweighs the rest.
#pragma once

#include <span>
#include <vector>

namespace normbench {

// Each value moved into what is usual in the second half of the series, where a warm-up should be
// over: from its 5 % to its 95 % quantile, and a quarter of their distance beyond, without which a
// trend would look flat. In order.
std::vector<double> ClipOutliers(std::span<const double> series);

}  // namespace normbench
