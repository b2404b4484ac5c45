// SPDX-License-Identifier: Apache-2.0
// The versions of a model: folders whose name is a decimal number, and which of them serve.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "inference/model_config.pb.h"

namespace normbench {

// Returns the number where `text` is a decimal integer >= 1 that fits in 63 bits, written without
// sign, space or leading zero.
std::optional<int64_t> ParseVersion(std::string_view text);

// Returns the versions of a model's folder, ascending. Other entries are not versions and are
// skipped.
std::vector<int64_t> ListVersions(const std::string& model_folder);

// Returns which of `present` (ascending) serve, ascending; no policy: the newest. Returns NOT_FOUND
// where there is none, or where the policy names one that is not present.
absl::StatusOr<std::vector<int64_t>> SelectVersions(const inference::ModelVersionPolicy& policy,
                                                    const std::vector<int64_t>& present);

}  // namespace normbench
