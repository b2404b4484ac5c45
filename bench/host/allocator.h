// SPDX-License-Identifier: Apache-2.0
// Settings of the memory allocator that both programs run with: glibc maps and unmaps every large
// block by default, which makes an 800 KB message cost 2.5 times as much. What the user has set in
// the environment stays; another allocator than glibc's is left as it is.
#pragma once

#include <string>

namespace normbench {

// Keeps freed large blocks for reuse; blocks of more than 32 MiB are mapped all the same, glibc
// takes no higher threshold. Call first in main, before other threads. Returns what is in force,
// for reports: the allocator and both settings, for example "glibc 2.36 mmap_threshold=32MiB
// trim_threshold=256MiB", with
// "(environment)" after a value that the user has set; or only the name of another allocator.
std::string KeepLargeBlocks();

}  // namespace normbench
