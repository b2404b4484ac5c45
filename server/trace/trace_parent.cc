// SPDX-License-Identifier: Apache-2.0
#include "server/trace/trace_parent.h"

#include <algorithm>

namespace normbench {
namespace {

// 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
constexpr size_t kLength = 55;
constexpr size_t kTraceId = 3, kParentId = 36, kFlags = 53;

int DigitOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool IsHex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return DigitOf(c) >= 0; });
}

bool IsId(std::string_view text) {
  return IsHex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

bool HasForm(std::string_view text) {
  const bool dashes =
      text[kTraceId - 1] == '-' && text[kParentId - 1] == '-' && text[kFlags - 1] == '-';
  if (!dashes) return false;
  const std::string_view version = text.substr(0, 2);
  if (!IsHex(version) || version == "ff") return false;
  const bool may_go_on = version != "00" && text.size() > kLength && text[kLength] == '-';
  return text.size() == kLength || may_go_on;
}

}  // namespace

std::optional<TraceParent> ParseTraceParent(std::string_view text) {
  if (text.size() < kLength || !HasForm(text)) return std::nullopt;
  const std::string_view trace_id = text.substr(kTraceId, 32);
  const std::string_view parent_id = text.substr(kParentId, 16);
  const std::string_view flags = text.substr(kFlags, 2);
  if (!IsId(trace_id) || !IsId(parent_id) || !IsHex(flags)) return std::nullopt;
  return TraceParent{.trace_id = std::string(trace_id),
                     .parent_span_id = std::string(parent_id),
                     .sampled = DigitOf(flags[1]) % 2 == 1};
}

}  // namespace normbench
