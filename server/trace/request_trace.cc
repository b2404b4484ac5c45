// SPDX-License-Identifier: Apache-2.0
#include "server/trace/request_trace.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace normbench {
namespace {

using Json = nlohmann::ordered_json;
using std::chrono::nanoseconds;

constexpr std::array<const char*, RequestTrace::kPoints> kNames = {
    "REQUEST_START",        "QUEUE_START", "COMPUTE_START", "COMPUTE_INPUT_END",
    "COMPUTE_OUTPUT_START", "COMPUTE_END", "REQUEST_END"};

void AddText(const char* name, const std::string& text, Json& line) {
  if (!text.empty()) line[name] = text;
}

}  // namespace

void RequestTrace::Reached(TracePoint point, Clock::time_point when) {
  const auto at = points_.begin() + static_cast<size_t>(point);
  *at = when;
  if (point == TracePoint::kComputeStart) std::fill(at + 1, points_.end(), std::nullopt);
}

std::string RequestTrace::Line() const {
  Json line;
  line["id"] = id;
  AddText("model_name", model_name, line);
  if (model_version > 0) line["model_version"] = model_version;
  AddText("request_id", request_id, line);
  if (parent.has_value()) {
    line["trace_id"] = parent->trace_id;
    line["parent_span_id"] = parent->parent_span_id;
    line["span_id"] = span_id;
  }
  line["status"] = status;
  if (formed_batch > 0) line["formed_batch"] = formed_batch;
  Json& timestamps = line["timestamps"] = Json::array();
  for (size_t i = 0; i < kPoints; ++i) {
    if (!points_[i].has_value()) continue;
    timestamps.push_back({{"name", kNames[i]}, {"ns", NanosecondsSince1970(*points_[i])}});
  }
  return line.dump(-1, ' ', true, Json::error_handler_t::replace);
}

int64_t RequestTrace::NanosecondsSince1970(Clock::time_point when) const {
  return (nanoseconds(made_at_.time_since_epoch()) + nanoseconds(when - made_)).count();
}

}  // namespace normbench
