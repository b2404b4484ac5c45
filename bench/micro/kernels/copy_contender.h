// SPDX-License-Identifier: Apache-2.0
// The yardstick: x copied to y.
#pragma once

#include <cstddef>
#include <memory>

#include "bench/micro/kernels/contender.h"

namespace normbench {

// kPlain, "copy": through the caches, in pieces too small for the C library to turn to other
// instructions. kStreaming, "copy/streaming": with stores that pass the caches.
enum class CopyKind { kPlain, kStreaming };

// Each thread copies an equal part.
std::unique_ptr<Contender> MakeCopyContender(CopyKind kind);

// Copies `bytes`, which must not overlap, with streaming stores.
void StreamCopy(std::byte* to, const std::byte* from, size_t bytes);

// The part of `bytes` that begins where member `member` of `members` begins: whole cache lines.
size_t PartBegin(size_t bytes, int member, int members);

}  // namespace normbench
