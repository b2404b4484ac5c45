// SPDX-License-Identifier: Apache-2.0
#include "bench/data/random_order.h"

#include <array>
#include <numeric>
#include <utility>

#include "bench/norm/generator.h"

namespace normbench {
namespace {

// Keeps clear of the streams of exposures and of tensors.
constexpr uint64_t kOrderStream = uint64_t{3} << 32;

}  // namespace

std::vector<uint32_t> RandomOrder(uint64_t seed, uint64_t stream, uint32_t count) {
  std::vector<uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  for (uint32_t left = count; left > 1; --left) {
    const std::array<uint32_t, 4> words = Philox(seed, kOrderStream + stream, left);
    const uint64_t draw = uint64_t{words[0]} << 32 | words[1];
    // The bias of a 64-bit remainder is below 2^-32 for any count that fits.
    std::swap(order[left - 1], order[draw % left]);
  }
  return order;
}

}  // namespace normbench
