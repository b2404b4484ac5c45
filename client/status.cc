// SPDX-License-Identifier: Apache-2.0
#include "client/status.h"

#include "absl/strings/str_cat.h"

namespace normbench {

absl::Status ToAbsl(const grpc::Status& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

std::string Describe(const absl::Status& status) {
  return absl::StrCat(absl::StatusCodeToString(status.code()), ": ", status.message());
}

bool IsLost(const absl::Status& status) {
  return absl::IsUnavailable(status);
}

}  // namespace normbench
