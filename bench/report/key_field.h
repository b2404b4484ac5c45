// SPDX-License-Identifier: Apache-2.0
// The parameters of a case key: which field of the case's message each one is, in key order. One
// table for writing and reading keys, so that the two cannot disagree.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "bench/report/case.h"
#include "google/protobuf/message.h"

namespace normbench {

struct KeyField {
  std::string name;     // in the key: g
  std::string path;     // in the message: norm_case.spec.groups
  bool always = false;  // part of every key, not only where it differs from the default
};

std::vector<KeyField> KeyFields(CaseKind kind);

// The field at `path` as text: numbers in their shortest exact form, shapes joined by 'x', other
// lists by ','; empty for
// an empty string, an empty list or 0. REQUIRES: the path exists.
std::string FieldText(const google::protobuf::Message& message, std::string_view path);

// The inverse. Returns INVALID_ARGUMENT where text is no value of the field's type.
absl::Status SetFieldText(google::protobuf::Message* message, std::string_view path,
                          const std::string& text);

}  // namespace normbench
