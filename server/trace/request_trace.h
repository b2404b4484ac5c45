// SPDX-License-Identifier: Apache-2.0
// What a traced request came to: whose it was and when it reached each point on its way, in the
// names that traces of V2 servers have, as one line of JSON.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "server/trace/trace_parent.h"

namespace normbench {

// In the order in which a request passes them.
enum class TracePoint {
  kRequestStart,        // the handler begins
  kQueueStart,          // admitted
  kComputeStart,        // on a worker, alone or in a batch
  kComputeInputEnd,     // the tensors are gathered
  kComputeOutputStart,  // the model is through
  kComputeEnd,          // the answer is built
  kRequestEnd           // and on its way
};

// Not thread-safe: whoever holds the request writes it.
struct RequestTrace {
  using Clock = std::chrono::steady_clock;
  static constexpr size_t kPoints = static_cast<size_t>(TracePoint::kRequestEnd) + 1;

  uint64_t id = 0;  // of the lines that this process has written
  std::optional<TraceParent> parent;
  std::string span_id;     // where there is a parent: 16 hexadecimal digits of its own
  std::string model_name;  // as the client has said, like the next one
  std::string request_id;
  int64_t model_version = 0;  // 0: none was found
  std::string status;         // OK, or what gRPC calls the error
  int64_t formed_batch = 0;   // samples that the model ran on at once; 0: it did not come to that

  // At `when`. kComputeStart begins anew where the request has come further before, in a batch that
  // failed.
  void Reached(TracePoint point, Clock::time_point when = Clock::now());

  bool HasReached(TracePoint point) const {
    return points_[static_cast<size_t>(point)].has_value();
  }

  // What is not known is left out. Text of clients is escaped to ASCII, and replaced where it is no
  // UTF-8. Times are nanoseconds since 1970: the system's clock when the trace was made, and
  // how much later the point was.
  std::string Line() const;

 private:
  int64_t NanosecondsSince1970(Clock::time_point when) const;

  Clock::time_point made_ = Clock::now();
  std::chrono::system_clock::time_point made_at_ = std::chrono::system_clock::now();
  std::array<std::optional<Clock::time_point>, kPoints> points_;
};

}  // namespace normbench
