// SPDX-License-Identifier: Apache-2.0
// Where cases come from: the kernel entries of sweeps (bench/sweeps), and a table of fused ones,
// for which sweeps have no words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/micro/kernels/bench_case.h"

namespace normbench {

// `name` is "fused", the path of a sweep, or the name of one in bench/sweeps of the sources that
// this program was built from. Implementations, devices, caches and threads that a sweep asks for
// are left out: each case is there once. Returns INVALID_ARGUMENT or NOT_FOUND naming what is
// wrong.
absl::StatusOr<std::vector<BenchCase>> ReadSuite(const std::string& name);

// The canonical key of a case as one contender has run it, "&fused=..." behind it where something
// is fused.
std::string RunKey(const BenchCase& bench_case, std::string_view contender, Cache cache,
                   int threads);

}  // namespace normbench
