// SPDX-License-Identifier: Apache-2.0
// How a mistake in a model's configuration is told: by its file, its field, its value and what is
// allowed.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace normbench {

// `text` begins with the field.
inline absl::Status ConfigError(const std::string& text) {
  return absl::InvalidArgumentError(absl::StrCat("config.pbtxt: ", text));
}

}  // namespace normbench
