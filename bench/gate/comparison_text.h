// SPDX-License-Identifier: Apache-2.0
// A comparison in the forms that people and pipelines read. Pure.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "normbench/v1/comparison.pb.h"

namespace normbench {

inline constexpr int kComparisonVersion = 1;

// Arms, noise, table, remarks and verdict; whole lines.
std::string ComparisonConsole(const v1::Comparison& comparison);

// Fit to be updated in place: begins with a comment that names the policy, so that a later one
// finds it.
std::string ComparisonMarkdown(const v1::Comparison& comparison);

// Each cell and metric is a test, and so are accuracy and the gate itself, which is in error where
// there is no verdict on B (exit 1, 2, 6, 130). INCONCLUSIVE is skipped, unless the policy makes it
// fail.
std::string ComparisonJunit(const v1::Comparison& comparison);

// Workflow commands of GitHub Actions: an error for what regressed or is wrong, a warning for what
// is open, a notice for the verdict. Nothing that a server or a file said can end a line or begin a
// command.
std::string ComparisonAnnotations(const v1::Comparison& comparison);

// For shields.io/endpoint: schemaVersion, label, message, color.
std::string ComparisonBadge(const v1::Comparison& comparison);

// JSON with the names of comparison.proto, and back: INVALID_ARGUMENT for what is none, or of
// another schema_version.
std::string ComparisonToJson(const v1::Comparison& comparison);
absl::StatusOr<v1::Comparison> ComparisonFromJson(std::string_view json);

}  // namespace normbench
