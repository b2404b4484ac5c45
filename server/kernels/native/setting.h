// SPDX-License-Identifier: Apache-2.0
// What all forms of the native normalization are made from.
#pragma once

#include <cstddef>
#include <cstdint>

#include "server/kernels/native/loops.h"
#include "server/kernels/native/native_norm.h"
#include "server/kernels/native/scheme.h"

namespace normbench {

struct Setting {
  NativeProblem problem;
  Scheme scheme;
  const Loops* loops = nullptr;
  bool streams = false;
  bool from_memory = false;  // x and y do not stay in the last-level cache

  int element_bytes() const { return SizeOf(problem.format.dtype); }

  const std::byte* At(const void* tensor, int64_t element) const {
    return static_cast<const std::byte*>(tensor) + element * element_bytes();
  }
  std::byte* At(void* tensor, int64_t element) const {
    return static_cast<std::byte*>(tensor) + element * element_bytes();
  }

  // What the norm reads: x, or where x + residual was put.
  const void* Source(const NativeBuffers& buffers) const {
    if (!problem.fusion.add_before) return buffers.norm.x;
    return buffers.sum != nullptr ? buffers.sum : buffers.norm.y;
  }

  // From `element` on.
  Sweep SweepAt(const NativeBuffers& buffers, int64_t element) const {
    const bool after = problem.fusion.add_after;
    return {At(Source(buffers), element), after ? At(buffers.residual, element) : nullptr,
            At(buffers.norm.y, element)};
  }

  // How far ahead to fetch while a unit of so many elements is written: as far as the next unit, or
  // memory would only be read or only be written at a time. 0 for short ones, which the CPU fetches
  // by itself unless it is led off by the gamma and beta of each element, and for those so long
  // that fetching would push out what is still to be read.
  int64_t Ahead(int64_t elements, bool by_element) const {
    const int64_t bytes = elements * element_bytes(), least = (by_element ? 4 : 16) << 10;
    return bytes >= least && bytes <= 2 << 20 ? elements : 0;
  }

  // Puts x + residual where Source says, if they are added before.
  void AddBefore(const NativeBuffers& buffers, int64_t element, int64_t n) const {
    if (!problem.fusion.add_before) return;
    void* sum = const_cast<void*>(Source(buffers));
    loops->add(At(buffers.norm.x, element), At(buffers.residual, element), At(sum, element), n);
  }

  // Whether stores to y stream: they want whole packs.
  bool Streams(const NativeBuffers& buffers) const {
    const auto address = reinterpret_cast<uintptr_t>(buffers.norm.y);
    return streams && address % static_cast<uintptr_t>(kPackLanes * element_bytes()) == 0;
  }
};

}  // namespace normbench
