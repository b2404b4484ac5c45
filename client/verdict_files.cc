// SPDX-License-Identifier: Apache-2.0
#include "client/verdict_files.h"

#include <iostream>

#include "bench/gate/comparison_text.h"

namespace normbench {

std::vector<FileContent> ComparisonFiles(const v1::Comparison& comparison) {
  return {{"comparison.json", ComparisonToJson(comparison)},
          {"comparison.md", ComparisonMarkdown(comparison)},
          {"junit.xml", ComparisonJunit(comparison)},
          {"badge.json", ComparisonBadge(comparison)}};
}

absl::Status WriteOutputs(const v1::Comparison& comparison, const VerdictOutputs& outputs) {
  absl::Status status;
  const auto write = [&status](const std::string& path, const std::string& content) {
    if (!path.empty()) status.Update(WriteWhole(path, content));
  };
  write(outputs.junit, ComparisonJunit(comparison));
  write(outputs.markdown, ComparisonMarkdown(comparison));
  write(outputs.badge, ComparisonBadge(comparison));
  if (outputs.annotations) std::cout << ComparisonAnnotations(comparison);
  return status;
}

absl::Status CheckOutputs(const VerdictOutputs& outputs) {
  absl::Status status;
  for (const std::string& path : {outputs.junit, outputs.markdown, outputs.badge}) {
    if (!path.empty()) status.Update(CheckWritable(path));
  }
  return status;
}

}  // namespace normbench
