// SPDX-License-Identifier: Apache-2.0
#include "server/exec/buffer_pool.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <iterator>
#include <new>
#include <utility>

namespace normbench {
namespace {

constexpr std::align_val_t kAlignment{64};

// On small pages, each of the thousands that a large tensor touches costs a look-up in the page
// tables, and twice that in a virtual machine.
constexpr std::align_val_t kHugePage{size_t{2} << 20};
constexpr size_t kSmallestOnHugePages = size_t{4} << 20;

// Smaller ones cost no page faults worth saving: malloc keeps them.
constexpr size_t kSmallestKept = size_t{64} << 10;

// Bounds the search; 64 requests in flight with two buffers each stay well below.
constexpr size_t kMostKept = 256;

// Eight classes per power of two: at most 12.5 % more than asked for.
size_t RoundUp(size_t bytes) {
  constexpr size_t kLargest = size_t{1} << 62;
  if (bytes <= 64) return 64;
  if (bytes > kLargest) return bytes;  // operator new refuses it
  const size_t step = std::max<size_t>(64, std::bit_floor(bytes) / 8);
  return (bytes + step - 1) / step * step;
}

std::align_val_t AlignmentOf(size_t capacity) {
  return capacity < kSmallestOnHugePages ? kAlignment : kHugePage;
}

std::byte* Allocate(size_t capacity) {
  const std::align_val_t alignment = AlignmentOf(capacity);
  auto* data = static_cast<std::byte*>(::operator new(capacity, alignment));
  if (alignment == kHugePage) madvise(data, capacity, MADV_HUGEPAGE);  // only a wish
  return data;
}

void Free(std::byte* data, size_t capacity) {
  ::operator delete(data, AlignmentOf(capacity));
}

}  // namespace

Buffer::Buffer(Buffer&& other) noexcept
    : pool_(std::move(other.pool_)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  Buffer taken(std::move(other));
  std::swap(pool_, taken.pool_);
  std::swap(data_, taken.data_);
  std::swap(size_, taken.size_);
  std::swap(capacity_, taken.capacity_);
  return *this;
}

Buffer::~Buffer() {
  if (data_ != nullptr) pool_->GiveBack(data_, capacity_);
}

std::shared_ptr<BufferPool> BufferPool::Create(size_t max_kept_bytes) {
  return std::shared_ptr<BufferPool>(new BufferPool(max_kept_bytes));
}

// Room for all that may be kept, so that giving back never allocates and thus never fails.
BufferPool::BufferPool(size_t max_kept_bytes) : max_kept_bytes_(max_kept_bytes) {
  kept_.reserve(kMostKept + 1);
}

BufferPool::~BufferPool() {
  for (const Kept& kept : kept_) Free(kept.data, kept.capacity);
}

Buffer BufferPool::Get(size_t bytes) {
  Buffer buffer;
  buffer.pool_ = shared_from_this();
  buffer.capacity_ = RoundUp(bytes);
  buffer.data_ = TakeKept(buffer.capacity_);
  if (buffer.data_ == nullptr) buffer.data_ = Allocate(buffer.capacity_);
  buffer.size_ = bytes;
  return buffer;
}

size_t BufferPool::kept_bytes() const {
  MutexLock lock(&mutex_);
  return kept_bytes_;
}

// The one given back last: most likely still in a cache.
std::byte* BufferPool::TakeKept(size_t capacity) {
  if (capacity < kSmallestKept) return nullptr;
  MutexLock lock(&mutex_);
  const auto found = std::find_if(kept_.rbegin(), kept_.rend(),
                                  [&](const Kept& kept) { return kept.capacity == capacity; });
  if (found == kept_.rend()) return nullptr;
  std::byte* data = found->data;
  kept_bytes_ -= capacity;
  kept_.erase(std::next(found).base());
  return data;
}

void BufferPool::GiveBack(std::byte* data, size_t capacity) noexcept {
  if (capacity < kSmallestKept || capacity > max_kept_bytes_) return Free(data, capacity);
  MutexLock lock(&mutex_);
  kept_.push_back({data, capacity});
  kept_bytes_ += capacity;
  while (kept_bytes_ > max_kept_bytes_ || kept_.size() > kMostKept) {
    Free(kept_.front().data, kept_.front().capacity);
    kept_bytes_ -= kept_.front().capacity;
    kept_.erase(kept_.begin());
  }
}

}  // namespace normbench
