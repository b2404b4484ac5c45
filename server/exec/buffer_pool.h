// SPDX-License-Identifier: Apache-2.0
// Aligned memory for tensors, kept when given back: a fresh 25 MB buffer costs more in page faults
// than the copy into it.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "server/exec/mutex.h"

namespace normbench {

class BufferPool;

// 64-byte aligned memory of at least the size asked for, from 4 MiB on at the start of a huge page;
// returns to its pool when destroyed. An empty one (default or moved from) has no memory.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer&& other) noexcept;
  ~Buffer();

  std::byte* data() const { return data_; }
  float* floats() const { return reinterpret_cast<float*>(data_); }
  size_t size() const { return size_; }  // as asked for

 private:
  friend class BufferPool;
  std::shared_ptr<BufferPool> pool_;
  std::byte* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

// Thread-safe. Buffers keep their pool alive: one may outlive the server in a slice that gRPC still
// sends.
class BufferPool : public std::enable_shared_from_this<BufferPool> {
 public:
  // Keeps at most `max_kept_bytes` that nobody uses; beyond, those that were given back first go.
  static std::shared_ptr<BufferPool> Create(size_t max_kept_bytes);
  ~BufferPool();

  // Contents are undefined. Throws std::bad_alloc like new. Capacities are rounded up to an eighth
  // of a power of two, so that requests of nearly the same size share buffers.
  Buffer Get(size_t bytes);

  size_t kept_bytes() const;

 private:
  friend class Buffer;
  struct Kept {
    std::byte* data;
    size_t capacity;
  };

  explicit BufferPool(size_t max_kept_bytes);
  std::byte* TakeKept(size_t capacity);
  void GiveBack(std::byte* data, size_t capacity) noexcept;

  const size_t max_kept_bytes_;
  mutable Mutex mutex_;
  std::vector<Kept> kept_ ABSL_GUARDED_BY(mutex_);  // in the order in which they were given back
  size_t kept_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace normbench
