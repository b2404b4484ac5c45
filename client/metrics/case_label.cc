// SPDX-License-Identifier: Apache-2.0
#include "client/metrics/case_label.h"

#include "absl/strings/str_cat.h"
#include "bench/norm/checksum.h"

namespace normbench {

std::string CaseLabel(std::string_view key) {
  const auto hash = Checksum(key.data(), key.size());
  return absl::StrCat(absl::Hex(hash, absl::kZeroPad16)).substr(0, 10);
}

}  // namespace normbench
