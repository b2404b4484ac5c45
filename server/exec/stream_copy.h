// SPDX-License-Identifier: Apache-2.0
// A copy past the caches, for tensors that do not fit into them.
#pragma once

#include <cstddef>

namespace normbench {

// From this size on a tensor and its copy leave no room for each other in a core's second-level
// cache, and fetching the destination's lines only to overwrite them costs a third of the copy.
inline constexpr size_t kStreamBytes = size_t{4} << 20;

// As std::memcpy, with stores that go to memory without reading the destination first. Other
// threads see the bytes after the usual synchronisation: the copy ends with a store fence. Worth it
// where all pieces of one destination together are kStreamBytes or more.
void StreamCopy(void* to, const void* from, size_t bytes);

}  // namespace normbench
