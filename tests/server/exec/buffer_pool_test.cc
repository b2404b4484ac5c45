// SPDX-License-Identifier: Apache-2.0
#include "server/exec/buffer_pool.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <thread>
#include <utility>
#include <vector>

namespace normbench {
namespace {

constexpr size_t kMegabyte = 1000000;

TEST(BufferPool, AlignedAndAsLargeAsAskedFor) {
  auto pool = BufferPool::Create(100 * kMegabyte);
  for (size_t bytes : {size_t{0}, size_t{1}, size_t{63}, size_t{64}, size_t{65}, size_t{1000},
                       size_t{65536}, size_t{65537}, size_t{1234567}, 25 * kMegabyte}) {
    for (int again = 0; again < 2; ++again) {
      Buffer buffer = pool->Get(bytes);
      EXPECT_EQ(buffer.size(), bytes);
      ASSERT_NE(buffer.data(), nullptr);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(buffer.data()) % 64, 0u) << bytes;
      std::memset(buffer.data(), 0x5a, bytes);  // the address sanitizer sees one byte too few
    }
  }
}

TEST(BufferPool, LargeOnesStartAtAHugePage) {
  auto pool = BufferPool::Create(100 * kMegabyte);
  const Buffer buffer = pool->Get(25 * kMegabyte);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(buffer.data()) % (size_t{2} << 20), 0u);
}

TEST(BufferPool, NearlyEqualSizesShareABuffer) {
  auto pool = BufferPool::Create(100 * kMegabyte);
  const std::byte* first = nullptr;
  {
    Buffer buffer = pool->Get(25 * kMegabyte);
    first = buffer.data();
  }
  EXPECT_GE(pool->kept_bytes(), 25 * kMegabyte);
  EXPECT_LE(pool->kept_bytes(), 25 * kMegabyte * 9 / 8);
  Buffer again = pool->Get(25 * kMegabyte + 100000);
  EXPECT_EQ(again.data(), first);
  EXPECT_EQ(again.size(), 25 * kMegabyte + 100000);
  EXPECT_EQ(pool->kept_bytes(), 0u);
  EXPECT_NE(pool->Get(25 * kMegabyte).data(), first);  // in use
}

TEST(BufferPool, AMuchSmallerRequestDoesNotTakeALargeBuffer) {
  auto pool = BufferPool::Create(100 * kMegabyte);
  { Buffer buffer = pool->Get(25 * kMegabyte); }
  const size_t kept = pool->kept_bytes();
  Buffer small = pool->Get(kMegabyte);
  EXPECT_EQ(pool->kept_bytes(), kept);
}

TEST(BufferPool, KeepsNoMoreThanItsBoundAndTheLatest) {
  auto pool = BufferPool::Create(4 * 1048576);
  std::vector<Buffer> buffers;
  for (int i = 0; i < 8; ++i) buffers.push_back(pool->Get(1048576));
  const std::byte* last = buffers.back().data();
  buffers.clear();  // in order
  EXPECT_EQ(pool->kept_bytes(), 4u * 1048576);
  EXPECT_EQ(pool->Get(1048576).data(), last);
  { Buffer large = pool->Get(4 * 1048576); }  // takes the place of all others
  EXPECT_EQ(pool->kept_bytes(), 4u * 1048576);
  { Buffer too_large = pool->Get(5 * 1048576); }
  EXPECT_EQ(pool->kept_bytes(), 4u * 1048576);
}

TEST(BufferPool, KeepsABoundedNumber) {
  auto pool = BufferPool::Create(size_t{1} << 40);
  std::vector<Buffer> buffers;
  for (int i = 0; i < 400; ++i) buffers.push_back(pool->Get(65536));
  buffers.clear();
  EXPECT_EQ(pool->kept_bytes(), 256u * 65536);
}

TEST(BufferPool, ABufferOutlivesItsPool) {
  auto pool = BufferPool::Create(100 * kMegabyte);
  std::weak_ptr<BufferPool> watch = pool;
  {
    Buffer buffer = pool->Get(kMegabyte);
    { Buffer kept = pool->Get(kMegabyte); }
    pool.reset();
    EXPECT_FALSE(watch.expired());
    std::memset(buffer.data(), 1, buffer.size());
  }
  EXPECT_TRUE(watch.expired());
}

TEST(BufferPool, MovesLeaveNothingBehind) {
  auto pool = BufferPool::Create(100 * kMegabyte);
  Buffer first = pool->Get(kMegabyte);
  std::byte* data = first.data();
  Buffer second = std::move(first);
  EXPECT_EQ(first.data(), nullptr);  // NOLINT(bugprone-use-after-move): that is the contract
  EXPECT_EQ(first.size(), 0u);
  EXPECT_EQ(second.data(), data);
  EXPECT_EQ(second.floats(), reinterpret_cast<float*>(data));
  second = pool->Get(2 * kMegabyte);  // gives the old one back
  EXPECT_GE(pool->kept_bytes(), kMegabyte);
  EXPECT_EQ(pool->Get(kMegabyte).data(), data);
  second = Buffer();
  EXPECT_EQ(second.data(), nullptr);
}

TEST(BufferPool, ManyThreadsNeverShareABuffer) {
  auto pool = BufferPool::Create(4 * kMegabyte);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int k = 0; k < 500; ++k) {
        Buffer buffer = pool->Get(65536 + 8192 * (k % 5));
        std::memset(buffer.data(), i, buffer.size());
        std::this_thread::yield();
        ASSERT_EQ(buffer.data()[0], std::byte(i));
        ASSERT_EQ(buffer.data()[buffer.size() - 1], std::byte(i));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(pool->kept_bytes(), 4 * kMegabyte);
}

}  // namespace
}  // namespace normbench
