// SPDX-License-Identifier: Apache-2.0
// Sixteen float32 values at a time, in one, two or four registers: the same lanes, and so the same
// sums, whatever the register size of the instruction set. Included once per instruction set.
#if defined(NORMBENCH_NATIVE_PACK_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef NORMBENCH_NATIVE_PACK_INL
#undef NORMBENCH_NATIVE_PACK_INL
#else
#define NORMBENCH_NATIVE_PACK_INL
#endif

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "hwy/highway.h"
#include "server/kernels/native/element.h"

HWY_BEFORE_NAMESPACE();
namespace normbench {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Highway's own emulation, for CPUs without these conversions, cuts off instead of rounding.
inline constexpr bool kConvertsF16 = HWY_TARGET != HWY_SSE4;

using DF = hn::CappedTag<float, kPackLanes>;
using VF = hn::Vec<DF>;
inline constexpr int kLanes = static_cast<int>(hn::MaxLanes(DF()));
inline constexpr int kRegisters = kPackLanes / kLanes;

struct Pack {
  VF r[kRegisters];
};

// Applies `function` to corresponding registers.
template <typename F, typename... P>
HWY_INLINE Pack Each(F function, const P&... packs) {
  Pack result;
  for (int i = 0; i < kRegisters; ++i) result.r[i] = function(packs.r[i]...);
  return result;
}

HWY_INLINE Pack All(float value) {
  Pack result;
  for (int i = 0; i < kRegisters; ++i) result.r[i] = hn::Set(DF(), value);
  return result;
}
HWY_INLINE Pack operator+(const Pack& a, const Pack& b) {
  return Each([](VF x, VF y) HWY_ATTR { return hn::Add(x, y); }, a, b);
}
HWY_INLINE Pack operator-(const Pack& a, const Pack& b) {
  return Each([](VF x, VF y) HWY_ATTR { return hn::Sub(x, y); }, a, b);
}
HWY_INLINE Pack operator-(const Pack& a) {
  return Each([](VF x) HWY_ATTR { return hn::Neg(x); }, a);
}
HWY_INLINE Pack operator*(const Pack& a, const Pack& b) {
  return Each([](VF x, VF y) HWY_ATTR { return hn::Mul(x, y); }, a, b);
}
HWY_INLINE Pack operator/(const Pack& a, const Pack& b) {
  return Each([](VF x, VF y) HWY_ATTR { return hn::Div(x, y); }, a, b);
}
// a * b + c, in one rounding where the instruction set has one.
HWY_INLINE Pack MulAdd(const Pack& a, const Pack& b, const Pack& c) {
  return Each([](VF x, VF y, VF z) HWY_ATTR { return hn::MulAdd(x, y, z); }, a, b, c);
}
// c - a * b.
HWY_INLINE Pack NegMulAdd(const Pack& a, const Pack& b, const Pack& c) {
  return Each([](VF x, VF y, VF z) HWY_ATTR { return hn::NegMulAdd(x, y, z); }, a, b, c);
}
HWY_INLINE Pack Min(const Pack& a, const Pack& b) {
  return Each([](VF x, VF y) HWY_ATTR { return hn::Min(x, y); }, a, b);
}
HWY_INLINE Pack Max(const Pack& a, const Pack& b) {
  return Each([](VF x, VF y) HWY_ATTR { return hn::Max(x, y); }, a, b);
}
HWY_INLINE Pack Sqrt(const Pack& a) {
  return Each([](VF x) HWY_ATTR { return hn::Sqrt(x); }, a);
}

// The middle one of three, lane by lane: one outlier in a lane does not show.
HWY_INLINE Pack Median(const Pack& a, const Pack& b, const Pack& c) {
  return Max(Min(a, b), Min(Max(a, b), c));
}

// Lanes 0 .. 7: sums of neighbours in a; 8 .. 15: in b.
HWY_INLINE Pack AddNeighbours(const Pack& a, const Pack& b) {
  const DF d;
  Pack result;
  for (int i = 0; i < kRegisters; ++i) {
    const Pack& from = 2 * i < kRegisters ? a : b;
    const int first = 2 * i < kRegisters ? 2 * i : 2 * i - kRegisters;
    const VF low = from.r[first];
    const VF high = kRegisters == 1 ? b.r[0] : from.r[kRegisters == 1 ? 0 : first + 1];
    result.r[i] = hn::Add(hn::ConcatEven(d, high, low), hn::ConcatOdd(d, high, low));
  }
  return result;
}

// The sum of the sixteen lanes, in every lane.
HWY_INLINE Pack SumOfLanes(Pack a) {
  for (int i = 0; i < 4; ++i) a = AddNeighbours(a, a);
  return a;
}

HWY_INLINE float FirstLane(const Pack& a) {
  return hn::GetLane(a.r[0]);
}

// Which of a pack's lanes are there: the first `count`, at most sixteen.
struct PackMask {
  hn::Mask<DF> r[kRegisters];
};
HWY_INLINE PackMask FirstOf(int64_t count) {
  PackMask mask;
  for (int i = 0; i < kRegisters; ++i) {
    const int64_t rest = count - i * kLanes;
    mask.r[i] = hn::FirstN(DF(), static_cast<size_t>(rest < 0 ? 0 : rest > kLanes ? kLanes : rest));
  }
  return mask;
}
// Zero in the lanes that are not there.
HWY_INLINE Pack Keep(const PackMask& mask, const Pack& a) {
  Pack result;
  for (int i = 0; i < kRegisters; ++i) result.r[i] = hn::IfThenElseZero(mask.r[i], a.r[i]);
  return result;
}

// ------------------------------------------------------------------ memory

// What a value of 16 bits is held as in a register.
using D16 = hn::Rebind<uint16_t, DF>;
using V16 = hn::Vec<D16>;

HWY_INLINE const uint16_t* BitsAt(const void* p) {
  return static_cast<const uint16_t*>(p);
}
HWY_INLINE uint16_t* BitsAt(void* p) {
  return static_cast<uint16_t*>(p);
}

template <typename T>
HWY_INLINE VF Widened(V16 bits) {
  if constexpr (std::is_same_v<T, Bf16>) {
    const hn::Rebind<uint32_t, DF> d32;
    return hn::BitCast(DF(), hn::ShiftLeft<16>(hn::PromoteTo(d32, bits)));
  } else if constexpr (kConvertsF16) {
    const hn::Rebind<hwy::float16_t, DF> d16;
    return hn::PromoteTo(DF(), hn::BitCast(d16, bits));
  } else {
    alignas(16) uint16_t halves[kLanes];
    alignas(16) float values[kLanes];
    hn::Store(bits, D16(), halves);
    for (int i = 0; i < kLanes; ++i) values[i] = F32OfF16(halves[i]);
    return hn::Load(DF(), values);
  }
}

// To nearest, ties to even. By integers: what the CPU's own conversion does with subnormal values
// differs. A NaN that arithmetic has made or passed on is quiet: its upper half is one too.
HWY_INLINE V16 RoundedToBf16(VF v) {
  const hn::Rebind<uint32_t, DF> d32;
  const hn::Repartition<uint16_t, DF> halves;
  const auto bits = hn::BitCast(d32, v);
  const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(d32, 1));
  const auto nan = hn::RebindMask(d32, hn::IsNaN(v));
  const auto up = hn::IfThenZeroElse(nan, hn::Add(odd, hn::Set(d32, 0x7fff)));
  const auto rounded = hn::BitCast(halves, hn::Add(bits, up));
  return hn::LowerHalf(D16(), hn::ConcatOdd(halves, rounded, rounded));
}

HWY_INLINE V16 RoundedToF16(VF v) {
  if constexpr (kConvertsF16) {
    const hn::Rebind<hwy::float16_t, DF> d16;
    return hn::BitCast(D16(), hn::DemoteTo(d16, v));
  } else {
    alignas(16) float values[kLanes];
    alignas(16) uint16_t halves[kLanes];
    hn::Store(v, DF(), values);
    for (int i = 0; i < kLanes; ++i) halves[i] = F16OfF32(values[i]);
    return hn::Load(D16(), halves);
  }
}

template <typename T>
HWY_INLINE V16 Rounded(VF v) {
  if constexpr (std::is_same_v<T, Bf16>) {
    return RoundedToBf16(v);
  } else {
    return RoundedToF16(v);
  }
}

HWY_INLINE VF LoadLanes(const float* p) {
  return hn::LoadU(DF(), p);
}
template <typename T>
HWY_INLINE VF LoadLanes(const T* p) {
  return Widened<T>(hn::LoadU(D16(), BitsAt(p)));
}

template <typename T>
HWY_INLINE Pack Load(const T* p) {
  Pack result;
  for (int i = 0; i < kRegisters; ++i) result.r[i] = LoadLanes(p + i * kLanes);
  return result;
}

enum class Write { kPlain, kStream };

// There is no streaming store of less than 16 bytes: Highway's would write beyond them.
template <Write kWrite, typename D, typename V, typename T>
HWY_INLINE void WriteLanes(D d, V v, T* p) {
  if constexpr (kWrite == Write::kStream && hn::MaxLanes(D()) * sizeof(T) >= 16) {
    hn::Stream(v, d, p);
  } else {
    hn::StoreU(v, d, p);
  }
}

template <Write kWrite, typename T>
HWY_INLINE void StoreLanes(VF v, T* p) {
  if constexpr (sizeof(T) == sizeof(float)) {
    WriteLanes<kWrite>(DF(), v, p);
  } else {
    WriteLanes<kWrite>(D16(), Rounded<T>(v), BitsAt(p));
  }
}

// REQUIRES, where it streams: p aligned to a whole pack.
template <Write kWrite = Write::kPlain, typename T>
HWY_INLINE void Store(const Pack& a, T* p) {
  for (int i = 0; i < kRegisters; ++i) StoreLanes<kWrite>(a.r[i], p + i * kLanes);
}

// Whether loads and stores of some lanes touch only their memory.
template <typename T>
inline constexpr bool kHasMasks = HWY_TARGET <= HWY_AVX3 ||
                                  (HWY_TARGET == HWY_AVX2 && sizeof(T) == sizeof(float));

// Lanes of register i that are among the first `count` of the pack.
HWY_INLINE size_t LanesOf(int64_t count, int i) {
  const int64_t rest = count - i * kLanes;
  return static_cast<size_t>(rest < 0 ? 0 : rest > kLanes ? kLanes : rest);
}

// The first `count` values, zeros behind them. REQUIRES: mask == FirstOf(count), count <= 16.
template <typename T>
HWY_INLINE Pack LoadPart(const PackMask& mask, const T* p, int64_t count) {
  Pack result;
  if constexpr (!kHasMasks<T>) {
    alignas(64) T values[kPackLanes] = {};
    std::memcpy(values, p, static_cast<size_t>(count) * sizeof(T));
    result = Load(values);
  } else if constexpr (sizeof(T) == sizeof(float)) {
    for (int i = 0; i < kRegisters; ++i)
      result.r[i] = hn::MaskedLoad(mask.r[i], DF(), p + i * kLanes);
  } else {
    for (int i = 0; i < kRegisters; ++i) {
      const auto some = hn::FirstN(D16(), LanesOf(count, i));
      result.r[i] = Widened<T>(hn::MaskedLoad(some, D16(), BitsAt(p + i * kLanes)));
    }
  }
  return result;
}

template <typename T>
HWY_INLINE void StorePart(const Pack& a, const PackMask& mask, T* p, int64_t count) {
  if constexpr (!kHasMasks<T>) {
    alignas(64) T values[kPackLanes];
    Store(a, values);
    std::memcpy(p, values, static_cast<size_t>(count) * sizeof(T));
  } else if constexpr (sizeof(T) == sizeof(float)) {
    for (int i = 0; i < kRegisters; ++i) hn::BlendedStore(a.r[i], mask.r[i], DF(), p + i * kLanes);
  } else {
    for (int i = 0; i < kRegisters; ++i) {
      const auto some = hn::FirstN(D16(), LanesOf(count, i));
      hn::BlendedStore(Rounded<T>(a.r[i]), some, D16(), BitsAt(p + i * kLanes));
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace normbench
HWY_AFTER_NAMESPACE();

#endif
