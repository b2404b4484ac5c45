// SPDX-License-Identifier: Apache-2.0
#include "server/backends/tensor_positions.h"

#include <algorithm>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace normbench {
namespace {

using Positions = std::vector<size_t>;

// Of NAME__NUMBER.
std::optional<size_t> NumberIn(const std::string& name) {
  const size_t at = name.rfind("__");
  if (at == std::string::npos) return std::nullopt;
  const std::string digits = name.substr(at + 2);
  size_t number = 0;
  const bool plain = digits.find_first_not_of("0123456789") == std::string::npos;
  if (!plain || !absl::SimpleAtoi(digits, &number)) return std::nullopt;
  return number;
}

std::optional<size_t> PlaceIn(std::span<const std::string> arguments, const std::string& name) {
  const auto found = std::ranges::find(arguments, name);
  if (found == arguments.end()) return std::nullopt;
  return static_cast<size_t>(found - arguments.begin());
}

// Nothing if `position` knows none for one of them.
template <typename Position>
std::optional<Positions> All(std::span<const TensorSpec> tensors, const Position& position) {
  Positions positions;
  for (const TensorSpec& tensor : tensors) {
    const std::optional<size_t> found = position(tensor.name);
    if (!found.has_value()) return std::nullopt;
    positions.push_back(*found);
  }
  return positions;
}

}  // namespace

absl::StatusOr<Positions> PositionsOf(const std::string& what, std::span<const TensorSpec> tensors,
                                      std::span<const std::string> arguments) {
  Positions expected(tensors.size());
  for (size_t i = 0; i < expected.size(); ++i) expected[i] = i;
  std::optional<Positions> positions = All(tensors, NumberIn);
  if (!positions.has_value()) {
    positions = All(tensors, [&](const std::string& name) { return PlaceIn(arguments, name); });
  }
  if (!positions.has_value()) return expected;
  if (std::ranges::is_permutation(*positions, expected)) return *positions;
  return absl::InvalidArgumentError(
      absl::StrCat(what, ": by their names in positions ", absl::StrJoin(*positions, ", "),
                   "; allowed: each of 0 to ", static_cast<int64_t>(tensors.size()) - 1, " once"));
}

}  // namespace normbench
