// SPDX-License-Identifier: Apache-2.0
#include "bench/report/percent.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace normbench {
namespace {

constexpr std::string_view kHex = "0123456789ABCDEF";
constexpr std::string_view kKept = "._~:/,-";

int HexDigit(char c) {
  const size_t digit = kHex.find(absl::ascii_toupper(static_cast<unsigned char>(c)));
  return digit == std::string_view::npos ? -1 : static_cast<int>(digit);
}

}  // namespace

std::string PercentEncode(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || kKept.find(c) != std::string_view::npos) {
      encoded += c;
    } else {
      encoded += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return encoded;
}

absl::StatusOr<std::string> PercentDecode(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const int high = i + 1 < text.size() ? HexDigit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? HexDigit(text[i + 2]) : -1;
    if (high < 0 || low < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("'", std::string(text), "': two hex digits must follow %"));
    }
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

}  // namespace normbench
