// SPDX-License-Identifier: Apache-2.0
// The words of a normalization: one enum each, and its name as it appears in requests, sweeps, case
// keys and metric labels. Names are parsed only here; an unknown one names the nearest known.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace normbench {

enum class Method { kBatch, kLayer, kInstance, kGroup, kRms };

// Where batch norm takes its mean and variance from: the caller, or the batch itself. Folded: they
// are in gamma and beta already, as deployed networks have it: y = x * gamma + beta.
enum class StatsSource { kRunning, kBatch, kFolded };

// The shape of gamma and beta: absent, one value a channel, or one an element of (C, H, W).
enum class Affine { kNone, kChannel, kElement };

enum class DType { kF32, kF16, kBf16 };

// The order in memory, of any rank: C before or after the dimensions that follow it in the shape.
enum class Layout { kNchw, kNhwc };

// Whether calls find their tensors in the caches, from the call before.
enum class Cache { kHot, kCold };

inline constexpr std::array kMethods = {Method::kBatch, Method::kLayer, Method::kInstance,
                                        Method::kGroup, Method::kRms};
inline constexpr std::array kDTypes = {DType::kF32, DType::kF16, DType::kBf16};
inline constexpr std::array kLayouts = {Layout::kNchw, Layout::kNhwc};

std::string_view Name(Method method);
std::string_view Name(StatsSource stats);
std::string_view Name(Affine affine);
std::string_view Name(DType dtype);
std::string_view Name(Layout layout);
std::string_view Name(Cache cache);

// Return INVALID_ARGUMENT "norm: unknown 'gruop'; allowed: batch, ...; nearest: group".
absl::StatusOr<Method> ParseMethod(std::string_view name);
absl::StatusOr<StatsSource> ParseStatsSource(std::string_view name);
absl::StatusOr<Affine> ParseAffine(std::string_view name);
absl::StatusOr<DType> ParseDType(std::string_view name);
absl::StatusOr<Layout> ParseLayout(std::string_view name);
absl::StatusOr<Cache> ParseCache(std::string_view name);

// Bytes of one element.
int SizeOf(DType dtype);

// Unit roundoff of the type, half the distance from 1 to the next value: 2^-24 for f32, 2^-11 for
// f16, 2^-8 for bf16.
double UnitRoundoff(DType dtype);

// The smallest normal value of the type: below it the distance between values no longer shrinks.
double SmallestNormal(DType dtype);

}  // namespace normbench
