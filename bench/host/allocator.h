// SPDX-License-Identifier: Apache-2.0
// Settings of the memory allocator that both programs run with: glibc maps and unmaps every large
// block by default, which makes an 800 KB message cost 2.5 times as much. What the user has set in
// the environment stays; another allocator than glibc's is left as it is.
#pragma once

#include <string>

namespace normbench {

// Keeps freed blocks of up to 64 MiB for reuse (32 MiB with a glibc before 2.35, which takes no
// higher threshold). Call first in main, before other threads. `kept_mebibytes` is the trim
// threshold: what each arena may keep of memory that nobody uses; below 256 the largest kept block
// is a quarter of it. Returns what is in force, for reports: the allocator and both settings, for
// example "glibc 2.36 mmap_threshold=64MiB trim_threshold=256MiB", with "(environment)" after a
// value that the user has set; or only the name of another allocator.
std::string KeepLargeBlocks(int kept_mebibytes = 256);

}  // namespace normbench
