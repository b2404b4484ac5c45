// SPDX-License-Identifier: Apache-2.0
#include "bench/report/invariance_case.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bench/norm/shape.h"

namespace normbench {
namespace {

using Set = google::protobuf::RepeatedField<int32_t>;

void MakeSet(Set* values) {
  std::sort(values->begin(), values->end());
  values->Truncate(static_cast<int>(std::unique(values->begin(), values->end()) - values->begin()));
}

absl::Status CheckSet(const char* field, const Set& values, int max_value, int max_count) {
  if (values.size() > max_count) {
    return absl::InvalidArgumentError(
        absl::StrCat(field, ": ", values.size(), " of them; allowed: at most ", max_count));
  }
  for (const int32_t value : values) {
    if (value >= 1 && value <= max_value) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(field, ": ", value, "; allowed: 1 .. ", max_value));
  }
  return absl::OkStatus();
}

absl::Status CheckSample(const v1::NormCase& norm_case) {
  if (norm_case.spec().norm() == "batch" && norm_case.spec().stats() == "batch") {
    return absl::InvalidArgumentError(
        "stats: 'batch'; allowed: running, folded. Batch statistics depend on the batch by "
        "definition: no answer is the same in every batch");
  }
  if (norm_case.shape().empty() || norm_case.shape(0) == 1) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("shape: ", absl::StrJoin(norm_case.shape(), "x"),
                                                 "; allowed: N = 1, the sample; batch_sizes say "
                                                 "how many of them make a batch"));
}

absl::Status CheckElements(const v1::InvarianceCase& invariance) {
  double sample = 1;
  for (const int32_t dimension : invariance.norm_case().shape()) sample *= dimension;
  for (const int32_t n : invariance.batch_sizes()) {
    if (sample * n <= static_cast<double>(Shape::kMaxElements)) continue;
    return absl::InvalidArgumentError(absl::StrCat("batch_sizes: ", n, " samples of ", sample,
                                                   " elements; allowed: at most ",
                                                   Shape::kMaxElements, " elements in all"));
  }
  return absl::OkStatus();
}

}  // namespace

void FillBatches(v1::InvarianceCase* invariance) {
  Set* sizes = invariance->mutable_batch_sizes();
  if (sizes->empty()) sizes->Add(kDefaultBatchSizes.begin(), kDefaultBatchSizes.end());
  MakeSet(sizes);
  MakeSet(invariance->mutable_threads());
  invariance->mutable_norm_case()->clear_cache();
  invariance->mutable_norm_case()->clear_threads();
}

absl::Status ValidateBatches(const v1::InvarianceCase& invariance, int max_threads) {
  for (const absl::Status& status :
       {CheckSample(invariance.norm_case()),
        CheckSet("batch_sizes", invariance.batch_sizes(), kMaxBatchSize, kMaxBatchSizes),
        CheckSet("threads", invariance.threads(), max_threads, kMaxThreadCounts),
        CheckElements(invariance)}) {
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

double EqualShare(const v1::InvarianceTally& tally) {
  return tally.comparisons() > 0 ? static_cast<double>(tally.equal()) / tally.comparisons() : 0;
}

}  // namespace normbench
