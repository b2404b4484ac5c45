// SPDX-License-Identifier: Apache-2.0
#include "server/repository/naming.h"

#include <algorithm>
#include <cctype>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "bench/norm/nearest.h"

namespace normbench {

bool IsModelName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxNameLength && name[0] != '.' &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return c < 0x80 && (std::isalnum(c) || c == '.' || c == '_' || c == '-');
         });
}

std::string AllowedModelNames() {
  return absl::StrCat("1 to ", kMaxNameLength, " of A-Z a-z 0-9 . _ - and no leading dot");
}

bool IsFileName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxNameLength && name.find('/') == name.npos &&
         name.find('\0') == name.npos && name != "." && name != "..";
}

std::string Quoted(std::string_view name) {
  const std::string kept(name.substr(0, kMaxNameLength));
  return absl::StrCat("'", absl::CHexEscape(kept), kept.size() < name.size() ? "...'" : "'");
}

std::string NearestNote(std::string_view name, std::span<const std::string> known) {
  // An edit distance costs the product of both lengths.
  if (name.size() > kMaxNameLength) return "";
  const std::string nearest = Nearest(name, known);
  return nearest.empty() ? "" : absl::StrCat("; nearest: ", nearest);
}

}  // namespace normbench
