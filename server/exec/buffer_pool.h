// SPDX-License-Identifier: Apache-2.0
// Aligned memory for tensors, kept when given back: a fresh 25 MB buffer costs more in page faults
// than the copy into it.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace normbench {

class BufferPool;

// 64-byte aligned memory of at least the size asked for; returns to its pool when destroyed.
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

// Thread-safe. Buffers keep their pool alive: one may outlive the server in a slice that gRPC still sends.
class BufferPool : public std::enable_shared_from_this<BufferPool> {
 public:
  // Keeps at most `max_kept_bytes` that nobody uses.
  static std::shared_ptr<BufferPool> Create(size_t max_kept_bytes);
  ~BufferPool();

  // Contents are undefined. Throws std::bad_alloc like new.
  Buffer Get(size_t bytes);

  size_t kept_bytes() const;

 private:
  friend class Buffer;
  explicit BufferPool(size_t max_kept_bytes) : max_kept_bytes_(max_kept_bytes) {}
  void GiveBack(std::byte* data, size_t capacity);

  const size_t max_kept_bytes_;
  mutable absl::Mutex mutex_;
  std::map<size_t, std::vector<std::byte*>> kept_ ABSL_GUARDED_BY(mutex_);  // by capacity
  size_t kept_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace normbench
