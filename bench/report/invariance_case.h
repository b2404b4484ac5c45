// SPDX-License-Identifier: Apache-2.0
// What an InvarianceCase has beside its sample: defaults and limits, the same for server, client
// and sweep expansion.
#pragma once

#include <array>

#include "absl/status/status.h"
#include "normbench/v1/measure.pb.h"

namespace normbench {

// Around every power of two up to 64: widths of vectors, threads x groups, ATen's grain sizes.
inline constexpr std::array kDefaultBatchSizes = {1,  2,  3,  4,  5,  7,  8,  9, 15,
                                                  16, 17, 31, 32, 33, 63, 64, 65};
inline constexpr int kMaxBatchSizes = 64;
inline constexpr int kMaxBatchSize = 65536;
inline constexpr int kMaxThreadCounts = 16;

// Makes batch_sizes and threads the sets that they are, ascending; batch_sizes get their default
// where there are none, and norm_case loses what has no meaning here.
void FillBatches(v1::InvarianceCase* invariance);

// What ToNormProblem and a server's check of norm_case do not say. Returns INVALID_ARGUMENT naming
// field, value and allowed range: batch statistics, a sample with N, too many or too large batches,
// threads beyond `max_threads`.
absl::Status ValidateBatches(const v1::InvarianceCase& invariance, int max_threads);

// Of the comparisons, those with the same bits, 0 .. 1; 1 only if all. 0 where there are none.
double EqualShare(const v1::InvarianceTally& tally);

}  // namespace normbench
