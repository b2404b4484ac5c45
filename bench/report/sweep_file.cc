// SPDX-License-Identifier: Apache-2.0
#include "bench/report/sweep_file.h"

#include "absl/strings/str_cat.h"
#include "bench/report/strict_json.h"

namespace normbench {

absl::Status CheckSweepHead(const v1::Sweep& sweep) {
  if (sweep.version() != kSweepVersion) {
    return absl::InvalidArgumentError(absl::StrCat("version: ", sweep.version(),
                                                   "; allowed: ", kSweepVersion,
                                                   " (the version of the sweep format)"));
  }
  if (!IsRegisteredName(sweep.name())) {
    return absl::InvalidArgumentError(
        absl::StrCat("name: '", sweep.name(), "'; allowed: 1 to 64 of a-z 0-9 _ -"));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Sweep> ParseSweep(std::string_view json) {
  v1::Sweep sweep;
  if (absl::Status parsed = ParseStrictJson(json, &sweep); !parsed.ok()) return parsed;
  if (absl::Status head = CheckSweepHead(sweep); !head.ok()) return head;
  return sweep;
}

absl::StatusOr<v1::Sweep> ReadSweepFile(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadJsonFile(path);
  if (!text.ok()) return text.status();
  absl::StatusOr<v1::Sweep> sweep = ParseSweep(*text);
  if (sweep.ok()) return sweep;
  return absl::InvalidArgumentError(absl::StrCat(path, ": ", sweep.status().message()));
}

}  // namespace normbench
