// SPDX-License-Identifier: Apache-2.0
#include "client/spectators.h"

namespace normbench {

void Spectators::Started(const std::string& key, double planned_seconds) {
  progress_.Case(key, planned_seconds);
  metrics_.BeginCase(key);
}

void Spectators::Phase(std::string_view phase, double fraction) {
  progress_.Phase(phase, fraction);
}

void Spectators::Finished(const Case& c, const v1::CaseResult& result) {
  if (result.status() == "skipped") return;
  metrics_.BeginCase(c.key);  // a search for a rate puts it in the key of the result
  metrics_.EndCase(result);
}

}  // namespace normbench
