// SPDX-License-Identifier: Apache-2.0
// A shared memory object as a client makes it; removed in the end.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <string>

namespace normbench {

class SharedObject {
 public:
  explicit SharedObject(const std::string& bytes) {
    static std::atomic<int> made{0};
    key_ = "/normbench-test-" + std::to_string(::getpid()) + "-" + std::to_string(made++);
    descriptor_ = ::shm_open(key_.c_str(), O_RDWR | O_CREAT | O_EXCL, 0600);
    EXPECT_GE(descriptor_, 0) << key_;
    EXPECT_EQ(::pwrite(descriptor_, bytes.data(), bytes.size(), 0), std::ssize(bytes));
  }
  ~SharedObject() {
    ::close(descriptor_);
    ::shm_unlink(key_.c_str());
  }
  SharedObject(const SharedObject&) = delete;
  SharedObject& operator=(const SharedObject&) = delete;

  const std::string& key() const { return key_; }
  void CutTo(off_t bytes) { EXPECT_EQ(::ftruncate(descriptor_, bytes), 0); }

  // All that is in it.
  std::string bytes() const {
    std::string all(static_cast<size_t>(::lseek(descriptor_, 0, SEEK_END)), 0);
    EXPECT_EQ(::pread(descriptor_, all.data(), all.size(), 0), std::ssize(all));
    return all;
  }

 private:
  std::string key_;
  int descriptor_ = -1;
};

}  // namespace normbench
