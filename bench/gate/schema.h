// SPDX-License-Identifier: Apache-2.0
// JSON Schemas of policies and comparisons. Committed as policy.schema.json and
// comparison.schema.json; a test keeps them current.
#pragma once

#include <string>

namespace normbench {

std::string PolicySchema();
std::string ComparisonSchema();

}  // namespace normbench
