// SPDX-License-Identifier: Apache-2.0
// The traceparent of W3C Trace Context (w3.org/TR/trace-context): which trace a request is part of,
// as its client says.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace normbench {

struct TraceParent {
  std::string trace_id;        // 32 hexadecimal digits
  std::string parent_span_id;  // 16 of them
  bool sampled = false;        // the client keeps its part of the trace
};

// Reads VERSION-TRACE_ID-PARENT_ID-FLAGS. Of a later version than 00 whatever follows these is
// skipped, as the specification says. Returns nothing for what is not one, which is to be ignored.
std::optional<TraceParent> ParseTraceParent(std::string_view text);

}  // namespace normbench
