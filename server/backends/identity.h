// SPDX-License-Identifier: Apache-2.0
// The backend `identity`: output i is input i, byte for byte, of any fixed-size datatype. What a
// model costs when it computes nothing. Needs no torch.
#pragma once

#include <memory>

#include "server/backends/model.h"

namespace normbench {

// Load returns INVALID_ARGUMENT unless the outputs have the inputs' datatypes and dims, in order.
std::unique_ptr<Backend> MakeIdentityBackend();

}  // namespace normbench
