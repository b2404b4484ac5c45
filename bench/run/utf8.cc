// SPDX-License-Identifier: Apache-2.0
#include "bench/run/utf8.h"

#include <algorithm>

namespace normbench {
namespace {

unsigned char Byte(std::string_view text, size_t i) {
  return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
}

// What a lead byte says of the character: its bytes, and the range of the second one, which keeps
// out longer forms of short characters, surrogates, and what is above U+10FFFF. 0 bytes: no lead.
struct Lead {
  size_t bytes = 0;
  unsigned char low = 0x80, high = 0xBF;
};

Lead LeadOf(unsigned char byte) {
  if (byte < 0x80) return {1};
  if (byte < 0xC2 || byte > 0xF4) return {0};
  if (byte < 0xE0) return {2};
  if (byte == 0xE0) return {3, 0xA0};
  if (byte == 0xED) return {3, 0x80, 0x9F};
  if (byte < 0xF0) return {3};
  if (byte == 0xF0) return {4, 0x90};
  return byte == 0xF4 ? Lead{4, 0x80, 0x8F} : Lead{4};
}

// Bytes of the character at the head of `text`; 0: there is none.
size_t CharacterAt(std::string_view text) {
  const Lead lead = LeadOf(Byte(text, 0));
  if (lead.bytes < 2) return lead.bytes;
  if (Byte(text, 1) < lead.low || Byte(text, 1) > lead.high) return 0;
  for (size_t i = 2; i < lead.bytes; ++i) {
    if ((Byte(text, i) & 0xC0) != 0x80) return 0;
  }
  return lead.bytes;
}

}  // namespace

std::string ValidUtf8(std::string_view text) {
  std::string valid;
  while (!text.empty()) {
    const size_t bytes = CharacterAt(text);
    valid += bytes == 0 ? "?" : text.substr(0, bytes);
    text.remove_prefix(std::max<size_t>(bytes, 1));
  }
  return valid;
}

}  // namespace normbench
