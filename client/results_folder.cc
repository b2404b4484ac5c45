// SPDX-License-Identifier: Apache-2.0
#include "client/results_folder.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace normbench {

std::string ResultsFolder(const std::string& out, const std::string& started,
                          const std::string& run_id) {
  if (!out.empty()) return out;
  const std::string stamp = absl::StrReplaceAll(started, {{":", ""}, {"-", ""}});
  return absl::StrCat("normbench-results/", stamp, "-", run_id.substr(0, 8));
}

}  // namespace normbench
