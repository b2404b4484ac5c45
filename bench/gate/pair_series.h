// SPDX-License-Identifier: Apache-2.0
// Rounds -> the paired differences of one metric of one cell.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/repeated_field.h"
#include "normbench/v1/comparison.pb.h"

namespace normbench {

using Rounds = google::protobuf::RepeatedPtrField<v1::Round>;

struct PairSeries {
  std::vector<double> effect;  // of B against A, above 0: worse; a round each
  std::vector<double> floor;   // of A' against A
  std::vector<double> a, b;    // the values themselves
};

// Of the rounds in one of `phases` that count and have both values.
PairSeries PairsOf(const Rounds& rounds, const std::vector<std::string_view>& phases,
                   const std::string& key, const std::string& metric);

// The sample of the cell in the visit to `arm`; null where there is none.
const v1::CellSample* SampleOf(const v1::Round& round, std::string_view arm,
                               const std::string& key);

}  // namespace normbench
