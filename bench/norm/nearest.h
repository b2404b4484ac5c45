// SPDX-License-Identifier: Apache-2.0
// Did you mean: the nearest of the allowed words, for flags, JSON keys and names in requests.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace normbench {

// The word of `allowed` with the smallest Levenshtein distance to `word` (the first of equals);
// empty if none is closer than half the word's length.
std::string Nearest(std::string_view word, std::span<const std::string> allowed);

// The sentence for a word that is none of `allowed`:
// "norm: unknown 'gruop'; allowed: batch, layer, instance, group, rms; nearest: group".
std::string UnknownWord(std::string_view field, std::string_view word,
                        std::span<const std::string> allowed);

}  // namespace normbench
