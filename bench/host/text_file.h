// SPDX-License-Identifier: Apache-2.0
// The small files in which the kernel says how the machine is.
#pragma once

#include <string>

namespace normbench {

// All of a file; "" for one that cannot be read, which a parser then makes nothing of.
std::string ReadTextFile(const std::string& path);

}  // namespace normbench
