// SPDX-License-Identifier: Apache-2.0
// What is computed together with a normalization, in the same sweep over memory.
#pragma once

namespace normbench {

enum class Activation { kNone, kRelu, kSilu };

// y = activation(norm(x + residual) or norm(x) + residual). SiLU: z / (1 + exp(-z)) (Elfwing et al.
// 2018). The residual has x's shape, dtype and layout.
struct Fusion {
  // norm(round(x + residual)), the sum rounded to the dtype as if it had been stored; layer and RMS
  // norm. At most one of the two.
  bool add_before = false;
  bool add_after = false;
  Activation activation = Activation::kNone;

  bool operator==(const Fusion&) const = default;
};

}  // namespace normbench
