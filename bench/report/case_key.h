// SPDX-License-Identifier: Apache-2.0
// The canonical name of a case, the same string in the command line, reports, history and (hashed)
// in metrics:
//   norm/group?impl=torch&shape=8x64x56x56&g=32&dtype=f32&layout=nchw&dev=cpu
//   service/group?impl=torch&shape=8x64x56x56&g=32&dtype=f32&layout=nchw&dev=cpu&in_flight=4
//   model/plain6_gn?data=fmnist-wide&request_batch=8&in_flight=8
//   invariance/group?impl=torch&shape=1x64x56x56&g=32&dtype=f32&layout=nhwc&dev=cpu&n=1,2,33
// Parameters have a fixed order; those that seldom vary (stats, affine, trailing, eps, cache,
// threads, data, seed; version, images, labels; arrivals, late, deadline, channels; n) follow only
// where they are not the default. Values are percent-encoded outside [A-Za-z0-9._~:/,-]. Pure
// functions.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "bench/report/canonical.h"
#include "bench/report/case.h"

namespace normbench {

// The key of Canonical(spec).
std::string CaseKey(const CaseSpec& spec);

// True if `text` begins as keys do.
bool IsCaseKey(std::string_view text);

// The inverse: ParseCaseKey(CaseKey(s)) == Canonical(s). Parameters may be in any order and left
// out where they have a default (a norm needs shape, a model needs data). Values are checked for
// their type only; ValidateCase in expand.h checks the rest. Returns INVALID_ARGUMENT naming the
// parameter and, for an unknown one, the nearest.
absl::StatusOr<CaseSpec> ParseCaseKey(std::string_view key);

// The address of a server that measures itself, as reports have it.
inline constexpr std::string_view kInProcess = "in-process";

// A command line that repeats the case against `server`; empty: the default address; kInProcess: as
// a run of the server's own.
// For example normbench run
// 'norm/group?impl=torch&shape=1x64x56x56&g=32&dtype=f32&layout=nchw&dev=cpu'.
std::string RerunCommand(std::string_view key, std::string_view server);

}  // namespace normbench
