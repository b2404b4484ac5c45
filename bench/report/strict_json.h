// SPDX-License-Identifier: Apache-2.0
// JSON that a person wrote -> a message with the same field names. What is wrong is said in the
// person's terms; nothing is ignored.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

namespace normbench {

inline constexpr size_t kMaxJsonBytes = size_t{1} << 20;

// Returns INVALID_ARGUMENT for text that is longer than kMaxJsonBytes, malformed JSON, an unknown
// key ("kernel[0].tensr_n: unknown key, did you mean tensor_n") and a value of the wrong type.
absl::Status ParseStrictJson(std::string_view json, google::protobuf::Message* message);

// A file of at most that size. Returns NOT_FOUND where it cannot be opened.
absl::StatusOr<std::string> ReadJsonFile(const std::string& path);

// 1 to 64 of a-z 0-9 _ -: fit for file names, labels and URLs.
bool IsRegisteredName(std::string_view name);

}  // namespace normbench
