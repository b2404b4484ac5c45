// SPDX-License-Identifier: Apache-2.0
// Answers made wrong on purpose, always in the same way for the same answer.
#pragma once

#include <cstddef>
#include <span>

#include "bench/norm/words.h"

namespace normbench {

// Changes the first of `values`, packed as `dtype`, by `share` of the largest finite magnitude
// among them, towards zero and beyond: so it stays in the range of the type. Where that is less
// than the type can tell, to the next value that it has. A first value that is not finite stays.
// REQUIRES: at least one value, 0 < share <= 1.
void ChangeFirst(DType dtype, std::span<std::byte> values, double share);

// Makes another one the largest of `values`: the first and the largest change places, or, where
// they are one, the first and the second. REQUIRES: at least two values.
void MoveLargest(DType dtype, std::span<std::byte> values);

}  // namespace normbench
