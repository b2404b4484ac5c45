// SPDX-License-Identifier: Apache-2.0
// JSON Schema (draft 2020-12) of a message in its JSON form, from its descriptor. Committed as
// sweep.schema.json and report.schema.json; a test keeps them current.
#pragma once

#include <string>

#include "google/protobuf/descriptor.h"

namespace normbench {

// Every message becomes a definition without additional properties; names are those of the .proto
// file.
std::string JsonSchema(const google::protobuf::Descriptor& message, const std::string& title);

}  // namespace normbench
