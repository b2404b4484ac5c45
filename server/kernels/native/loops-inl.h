// SPDX-License-Identifier: Apache-2.0
// The table of one dtype, filled for the instruction set at hand.
#if defined(NORMBENCH_NATIVE_LOOPS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef NORMBENCH_NATIVE_LOOPS_INL
#undef NORMBENCH_NATIVE_LOOPS_INL
#else
#define NORMBENCH_NATIVE_LOOPS_INL
#endif

#include "hwy/highway.h"
#include "server/kernels/native/loops.h"
#if HWY_TARGET != HWY_EMU128 && HWY_TARGET != HWY_SCALAR
#include "server/kernels/native/apply-inl.h"
#include "server/kernels/native/short_rows-inl.h"
#include "server/kernels/native/sums-inl.h"
#endif

HWY_BEFORE_NAMESPACE();
namespace normbench {
namespace HWY_NAMESPACE {

#if HWY_TARGET == HWY_EMU128 || HWY_TARGET == HWY_SCALAR
// What Highway falls back to without a register; isa.h offers none of it.
template <typename T>
const Loops* TableOf() {
  return nullptr;
}
#else
template <typename T>
const Loops* TableOf() {
  static const Loops loops = {
      .sum_row = {SumRow<T, false>, SumRow<T, true>},
      .middle_of_row = MiddleOfRow<T>,
      .sum_columns = {SumColumns<T, false>, SumColumns<T, true>},
      .middle_of_columns = MiddleOfColumns<T>,
      .apply_segments = {ApplySegments<T, Write::kPlain>, ApplySegments<T, Write::kStream>},
      .apply_elements = {ApplyElements<T, Write::kPlain>, ApplyElements<T, Write::kStream>},
      .apply_columns = {ApplyColumns<T, Write::kPlain>, ApplyColumns<T, Write::kStream>},
      .normalize_short_rows = {NormalizeShortRows<T, false>, NormalizeShortRows<T, true>},
      .add = AddRounded<T>,
      .fence = FenceStreams};
  return &loops;
}
#endif

}  // namespace HWY_NAMESPACE
}  // namespace normbench
HWY_AFTER_NAMESPACE();

#endif
