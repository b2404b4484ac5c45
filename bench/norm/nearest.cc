// SPDX-License-Identifier: Apache-2.0
#include "bench/norm/nearest.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace normbench {
namespace {

// Names come from requests: quadratic work and echoed text both need an end.
constexpr size_t kLongestWord = 128;

size_t Levenshtein(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string Nearest(std::string_view word, std::span<const std::string> allowed) {
  if (word.size() > kLongestWord) return "";
  std::string nearest;
  size_t smallest = word.size();
  for (const std::string& candidate : allowed) {
    const size_t distance = Levenshtein(word, candidate);
    if (distance < smallest && 2 * distance < word.size()) {
      smallest = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string UnknownWord(std::string_view field, std::string_view word,
                        std::span<const std::string> allowed) {
  std::string text =
      absl::StrCat(std::string(field), ": unknown '", std::string(word.substr(0, kLongestWord)),
                   "'; allowed: ", absl::StrJoin(allowed, ", "));
  const std::string nearest = Nearest(word, allowed);
  if (!nearest.empty()) absl::StrAppend(&text, "; nearest: ", nearest);
  return text;
}

}  // namespace normbench
