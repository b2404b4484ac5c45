// SPDX-License-Identifier: Apache-2.0
// Settings of the memory allocator that both programs run with: glibc maps and unmaps every large
// block by default, which makes an 800 KB message cost 2.5 times as much.
#pragma once

#include <string>

namespace normbench {

// Keeps freed large blocks for reuse. Call first in main. Returns what is in force, for reports, for
// example "glibc mmap_threshold=32MiB trim_threshold=256MiB".
std::string KeepLargeBlocks();

}  // namespace normbench
