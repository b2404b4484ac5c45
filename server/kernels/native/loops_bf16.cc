// SPDX-License-Identifier: Apache-2.0
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "server/kernels/native/loops_bf16.cc"
#include "hwy/foreach_target.h"
// After it, and once for each instruction set:
#include "server/kernels/native/loops-inl.h"

HWY_BEFORE_NAMESPACE();
namespace normbench {
namespace HWY_NAMESPACE {
const Loops* Bf16Table() {
  return TableOf<Bf16>();
}
}  // namespace HWY_NAMESPACE
}  // namespace normbench
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "server/kernels/native/tables.h"

namespace normbench {
HWY_EXPORT(Bf16Table);
const Loops* Bf16TableFor(const hwy::ChosenTarget& target) {
  return HWY_DISPATCH_TABLE(Bf16Table)[target.GetIndex()]();
}
}  // namespace normbench
#endif
