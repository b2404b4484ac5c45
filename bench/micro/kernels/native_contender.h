// SPDX-License-Identifier: Apache-2.0
// The native kernel as a contender, with a pool of as many threads as it is bound with.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "bench/micro/kernels/contender.h"
#include "server/kernels/native/native_norm.h"

namespace normbench {

// "native", or "native/streaming", "native/chosen" by `stores`. `isa` is a name of isa.h; empty:
// the best that this CPU has. Returns INVALID_ARGUMENT for an unknown one, FAILED_PRECONDITION for
// one that this CPU does not have.
absl::StatusOr<std::unique_ptr<Contender>> MakeNativeContender(Stores stores,
                                                               const std::string& isa);

}  // namespace normbench
