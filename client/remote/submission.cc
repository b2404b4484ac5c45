// SPDX-License-Identifier: Apache-2.0
#include "client/remote/submission.h"

#include "absl/strings/str_cat.h"
#include "bench/run/run_id.h"

namespace normbench {

absl::StatusOr<std::map<std::string, std::string>> LabelsOf(const std::vector<std::string>& words) {
  std::map<std::string, std::string> labels;
  for (const std::string& word : words) {
    const size_t split = word.find('=');
    if (split == 0 || split == std::string::npos) {
      return absl::InvalidArgumentError(
          absl::StrCat("--label: '", word, "'; allowed: KEY=VALUE, for example commit=4f2a9c1"));
    }
    labels[word.substr(0, split)] = word.substr(split + 1);
  }
  return labels;
}

absl::StatusOr<v1::SubmitRequest> SubmissionOf(const v1::Sweep& sweep, const std::string& filter,
                                               const SubmitOptions& options) {
  const auto labels = LabelsOf(options.labels);
  if (!labels.ok()) return labels.status();
  v1::SubmitRequest request;
  *request.mutable_sweep() = sweep;
  request.set_filter(filter);
  request.set_idempotency_key(options.key.empty() ? NewRunId() : options.key);
  request.set_other_traffic(options.other_traffic);
  request.mutable_labels()->insert(labels->begin(), labels->end());
  return request;
}

}  // namespace normbench
