// SPDX-License-Identifier: Apache-2.0
#include "server/trace/trace_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace normbench {
namespace {

// Returns how much of `text` was written.
size_t Write(int descriptor, std::string_view text) {
  size_t done = 0;
  while (done < text.size()) {
    const ssize_t written = write(descriptor, text.data() + done, text.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) break;
    done += static_cast<size_t>(written);
  }
  return done;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TraceFile>> TraceFile::Open(const std::string& path) {
  // Not waiting is for pipes: a request must not wait for who reads them.
  const int descriptor =
      open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
  if (descriptor >= 0) return std::unique_ptr<TraceFile>(new TraceFile(descriptor));
  return absl::FailedPreconditionError(
      absl::StrCat("cannot open '", path, "': ", std::strerror(errno)));
}

TraceFile::~TraceFile() {
  close(descriptor_);
}

bool TraceFile::Append(std::string line) {
  line += '\n';
  const absl::MutexLock lock(&mutex_);
  if (is_torn_) line.insert(0, 1, '\n');
  const size_t written = Write(descriptor_, line);
  if (written > 0) is_torn_ = line[written - 1] != '\n';
  return written == line.size();
}

}  // namespace normbench
