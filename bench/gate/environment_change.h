// SPDX-License-Identifier: Apache-2.0
// Whether two reports are of the same surroundings, so that their times may be compared. Pure.
#pragma once

#include <string>
#include <vector>

#include "normbench/v1/report.pb.h"

namespace normbench {

// What differs of what times depend on, each as "threads per worker 1 | 2"; empty: nothing. Of the
// server the machine, what it was built with and how it computes; of the run how requests reached
// it. `of_requests`: times are among them that a client took, so that its machine matters, unless
// it was a part of the server. Builds (git_sha) may differ: they are what is compared.
std::vector<std::string> DifferencesOf(const v1::Report& a, const v1::Report& b, bool of_requests);

}  // namespace normbench
