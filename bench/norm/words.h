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

// Where batch norm takes its mean and variance from: the caller, or the batch itself.
enum class StatsSource { kRunning, kBatch };

// The shape of gamma and beta: absent, one value a channel, or one an element of (C, H, W).
enum class Affine { kNone, kChannel, kElement };

enum class DType { kF32 };

enum class Layout { kNchw };

inline constexpr std::array kMethods = {Method::kBatch, Method::kLayer, Method::kInstance,
                                        Method::kGroup, Method::kRms};

std::string_view Name(Method method);
std::string_view Name(StatsSource stats);
std::string_view Name(Affine affine);
std::string_view Name(DType dtype);
std::string_view Name(Layout layout);

// Return INVALID_ARGUMENT "norm: unknown 'gruop'; allowed: batch, ...; nearest: group".
absl::StatusOr<Method> ParseMethod(std::string_view name);
absl::StatusOr<StatsSource> ParseStatsSource(std::string_view name);
absl::StatusOr<Affine> ParseAffine(std::string_view name);
absl::StatusOr<DType> ParseDType(std::string_view name);
absl::StatusOr<Layout> ParseLayout(std::string_view name);

// Bytes of one element.
int SizeOf(DType dtype);

// Unit roundoff of the type, 2^-24 for f32: half the distance from 1 to the next value.
double UnitRoundoff(DType dtype);

}  // namespace normbench
