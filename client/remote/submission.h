// SPDX-License-Identifier: Apache-2.0
// What is sent to a server that is to execute a sweep by itself.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/arguments_remote.h"
#include "normbench/v1/runs.pb.h"

namespace normbench {

// "KEY=VALUE" as a pair each. Returns INVALID_ARGUMENT for one without a key.
absl::StatusOr<std::map<std::string, std::string>> LabelsOf(const std::vector<std::string>& words);

// With an idempotency key in any case, so that a request whose answer got lost can be sent again.
absl::StatusOr<v1::SubmitRequest> SubmissionOf(const v1::Sweep& sweep, const std::string& filter,
                                               const SubmitOptions& options);

}  // namespace normbench
