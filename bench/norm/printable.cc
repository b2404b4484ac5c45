// SPDX-License-Identifier: Apache-2.0
#include "bench/norm/printable.h"

#include "absl/strings/str_cat.h"

namespace normbench {

std::string Printable(std::string_view text) {
  std::string printable;
  for (const unsigned char c : text) {
    if (c >= 0x20 && c < 0x7f) {
      printable.push_back(static_cast<char>(c));
    } else {
      absl::StrAppend(&printable, "\\x", absl::Hex(c, absl::kZeroPad2));
    }
  }
  return printable;
}

}  // namespace normbench
