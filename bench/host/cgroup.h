// SPDX-License-Identifier: Apache-2.0
// Where the limits of this process are: control groups, version 1 or 2, whichever has the
// controller.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace normbench {

// The folders of the group of this process and of all groups around it, innermost first, since each
// of them may have a limit. `controller`: cpu or memory. Those that a container does not see are
// among them and are not there. Empty where there are no groups.
std::vector<std::string> CgroupFolders(absl::string_view controller);

// From the texts of /proc/self/cgroup and /proc/self/mountinfo.
std::vector<std::string> ParseCgroupFolders(absl::string_view proc_cgroup,
                                            absl::string_view mountinfo,
                                            absl::string_view controller);

}  // namespace normbench
