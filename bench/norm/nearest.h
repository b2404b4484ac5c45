// SPDX-License-Identifier: Apache-2.0
// Did you mean: the nearest of the allowed words, for flags, JSON keys and names in requests.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace normbench {

// The word of `allowed` with the smallest Levenshtein distance to `word`; empty if none is closer
// than half the word's length.
std::string Nearest(std::string_view word, std::span<const std::string> allowed);

}  // namespace normbench
