// SPDX-License-Identifier: Apache-2.0
// Upper edges of the histograms that Prometheus reads, the same for server and client, so that
// their quantiles compare. Part of the contract: changing an edge breaks every stored query.
#pragma once

#include <vector>

namespace normbench {

// `count` edges from `first`, each `factor` times the one before, rounded to three digits, which
// keeps the le labels legible.
std::vector<double> GeometricBuckets(double first, double factor, int count);

// Seconds of a whole request: 25 us .. 26 s by sqrt 2.
std::vector<double> RequestBuckets();

// Seconds of a part of one: 1 us .. 4 s by 2.
std::vector<double> ComputeBuckets();

}  // namespace normbench
