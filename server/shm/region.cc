// SPDX-License-Identifier: Apache-2.0
#include "server/shm/region.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"

namespace normbench {
namespace {

constexpr size_t kMaxKeyLength = 255;  // NAME_MAX

// One name of the folder of shared memory objects: nothing may lead out of it.
bool IsKey(std::string_view key) {
  return key.size() > 1 && key.size() <= kMaxKeyLength && key[0] == '/' &&
         key.find('/', 1) == std::string_view::npos && key != "/." && key != "/.." &&
         key.find('\0') == std::string_view::npos;
}

absl::Status WrongKey(const std::string& key) {
  return absl::InvalidArgumentError(absl::StrCat("key: '", key, "'; allowed: a slash and 1 to ",
                                                 kMaxKeyLength - 1,
                                                 " other characters, as shm_open takes it"));
}

absl::Status CheckPart(const RegionSpec& spec, uint64_t object_bytes) {
  if (spec.byte_size == 0) {
    return absl::InvalidArgumentError("byte_size: 0; allowed: from 1 to the end of the object");
  }
  if (spec.offset <= object_bytes && spec.byte_size <= object_bytes - spec.offset) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("offset: ", spec.offset, " and byte_size: ", spec.byte_size,
                   "; allowed: together at most ", object_bytes, ", the size of the object"));
}

absl::Status Shorter(const RegionSpec& spec) {
  return absl::InvalidArgumentError(
      absl::StrCat("shared memory region '", spec.name,
                   "': its object has become shorter since it was registered"));
}

// `move` moves at most so many bytes at an offset and returns how many, or -1.
template <typename Byte, typename Move>
absl::Status MoveAll(const RegionSpec& spec, uint64_t offset, Byte* at, size_t bytes,
                     const Move& move) {
  while (bytes > 0) {
    const ssize_t moved = move(at, bytes, static_cast<off_t>(spec.offset + offset));
    if (moved < 0 && errno == EINTR) continue;
    if (moved < 0) {
      return absl::InternalError(
          absl::StrCat("shared memory region '", spec.name, "': ", std::strerror(errno)));
    }
    if (moved == 0) return Shorter(spec);
    at += moved;
    offset += static_cast<uint64_t>(moved);
    bytes -= static_cast<size_t>(moved);
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> SizeOf(int descriptor) {
  struct stat info {};
  if (::fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode)) {
    return absl::InvalidArgumentError("key: is no plain shared memory object");
  }
  return static_cast<uint64_t>(info.st_size);
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Region>> Region::Open(const RegionSpec& spec) {
  if (!IsKey(spec.key)) return WrongKey(spec.key);
  const int descriptor = ::shm_open(spec.key.c_str(), O_RDWR | O_NONBLOCK, 0);
  if (descriptor < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("key: '", spec.key, "' cannot be opened: ", std::strerror(errno)));
  }
  absl::Cleanup close = [&] { ::close(descriptor); };
  const auto bytes = SizeOf(descriptor);
  if (!bytes.ok()) return bytes.status();
  if (absl::Status status = CheckPart(spec, *bytes); !status.ok()) return status;
  std::move(close).Cancel();
  return std::shared_ptr<const Region>(new Region(spec, descriptor));
}

Region::~Region() {
  ::close(descriptor_);
}

absl::Status Region::Read(uint64_t offset, std::byte* to, size_t bytes) const {
  return MoveAll(spec_, offset, to, bytes, [&](std::byte* at, size_t count, off_t from) {
    return ::pread(descriptor_, at, count, from);
  });
}

absl::Status Region::Write(uint64_t offset, const std::byte* from, size_t bytes) const {
  // A write beyond its end would make the object longer again.
  const auto object_bytes = SizeOf(descriptor_);
  if (!object_bytes.ok() || *object_bytes < spec_.offset + offset + bytes) return Shorter(spec_);
  return MoveAll(spec_, offset, from, bytes, [&](const std::byte* at, size_t count, off_t to) {
    return ::pwrite(descriptor_, at, count, to);
  });
}

}  // namespace normbench
