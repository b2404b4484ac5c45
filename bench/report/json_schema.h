// SPDX-License-Identifier: Apache-2.0
// A message type as a JSON Schema (draft 2020-12), from its descriptor: every message becomes a
// definition without additional properties; names are those of the .proto file.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"

namespace normbench {

struct SchemaOptions {
  std::string title;
  std::map<std::string, std::vector<std::string>> required = {};  // fields by message
  std::map<std::string, int> versions = {};  // the only value of a field: "Sweep.version"
};

std::string JsonSchema(const google::protobuf::Descriptor& message, const SchemaOptions& options);

}  // namespace normbench
