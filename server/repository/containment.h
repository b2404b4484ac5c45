// SPDX-License-Identifier: Apache-2.0
// Nothing of a model repository may lead out of it: a symbolic link to elsewhere would let whoever
// can write one model folder have the server read any file.
#pragma once

#include <filesystem>

#include "absl/status/status.h"

namespace normbench {

// Returns INVALID_ARGUMENT where `path`, or anything below it, is a link that resolves outside of
// `root` or cannot be resolved. Links that stay inside are fine: mounted configurations are made of
// them. REQUIRES: `root` is canonical.
absl::Status CheckContained(const std::filesystem::path& root, const std::filesystem::path& path);

}  // namespace normbench
