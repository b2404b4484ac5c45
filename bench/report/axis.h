// SPDX-License-Identifier: Apache-2.0
// An axis of a sweep entry multiplies the cases found so far.
#pragma once

#include <cstddef>
#include <vector>

namespace normbench {

// Every case with every value, the value varying fastest; the cases unchanged where there are no
// values (the axis keeps its default) or `applies(case)` is false. Stops growing once beyond
// `limit` cases: the result then has more than `limit`.
template <typename C, typename Values, typename Applies, typename Set>
std::vector<C> Multiply(const std::vector<C>& cases, const Values& values, size_t limit,
                        const Applies& applies, const Set& set) {
  if (values.empty()) return cases;
  std::vector<C> product;
  for (const C& given : cases) {
    if (product.size() > limit) break;
    if (!applies(given)) {
      product.push_back(given);
      continue;
    }
    for (const auto& value : values) {
      product.push_back(given);
      set(value, &product.back());
      if (product.size() > limit) break;
    }
  }
  return product;
}

}  // namespace normbench
