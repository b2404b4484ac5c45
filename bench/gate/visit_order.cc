// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/visit_order.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "bench/norm/generator.h"

namespace normbench {
namespace {

using Order = std::array<std::string_view, 3>;

constexpr std::array<Order, 6> kOrders = {Order{"A", "A'", "B"}, {"A", "B", "A'"},
                                          {"A'", "A", "B"},      {"A'", "B", "A"},
                                          {"B", "A", "A'"},      {"B", "A'", "A"}};
constexpr uint64_t kStream = 0x6761746500000000;  // apart from the streams of data

// Which of the six comes at `place` of block number `block`: Fisher and Yates.
size_t Pick(int seed, uint64_t block, size_t place) {
  std::array<size_t, 6> places{};
  std::iota(places.begin(), places.end(), size_t{0});
  for (size_t i = places.size() - 1; i > 0; --i) {
    const auto words = Philox(static_cast<uint64_t>(seed), kStream + block, i);
    std::swap(places[i], places[words[0] % (i + 1)]);
  }
  return places[place];
}

}  // namespace

std::vector<std::string_view> VisitOrder(int seed, int number, bool with_floor) {
  const auto index = static_cast<size_t>(number - 1);
  const Order& order = kOrders[Pick(seed, index / kOrders.size(), index % kOrders.size())];
  std::vector<std::string_view> arms;
  for (const std::string_view arm : order) {
    if (with_floor || arm != "A'") arms.push_back(arm);
  }
  return arms;
}

}  // namespace normbench
