// SPDX-License-Identifier: Apache-2.0
// The element types of V2: an enum in a configuration, a string on the wire.
#pragma once

#include <string>
#include <string_view>

#include "inference/model_config.pb.h"

namespace normbench {

// Returns "FP32" for TYPE_FP32 and so on, "BYTES" for TYPE_STRING, "" for TYPE_INVALID.
std::string WireName(inference::DataType type);

// The inverse; TYPE_INVALID for unknown names.
inference::DataType TypeOfWireName(std::string_view datatype);

// Returns the bytes of one element of the wire type, 0 for BYTES and for unknown names.
int WireSize(std::string_view datatype);

}  // namespace normbench
