// SPDX-License-Identifier: Apache-2.0
#include "server/trace/tracer.h"

#include <utility>

#include "absl/strings/str_format.h"

namespace normbench {

absl::StatusOr<std::unique_ptr<Tracer>> Tracer::Open(Options options) {
  auto file = TraceFile::Open(options.file);
  if (!file.ok()) return file.status();
  return std::unique_ptr<Tracer>(new Tracer(std::move(options), *std::move(file)));
}

Tracer::Tracer(Options options, std::unique_ptr<TraceFile> file)
    : options_(std::move(options)),
      writer_(std::move(file), options_.lost),
      random_(std::random_device()()) {}

std::shared_ptr<RequestTrace> Tracer::Begin(std::optional<TraceParent> parent) {
  const int64_t number = requests_.fetch_add(1, std::memory_order_relaxed) + 1;
  const bool is_due = options_.rate > 0 && number % options_.rate == 0;
  const bool is_sampled = parent.has_value() && parent->sampled;
  if (!is_due && !is_sampled) return nullptr;
  auto trace = std::make_shared<RequestTrace>();
  trace->parent = std::move(parent);
  const absl::MutexLock lock(&mutex_);
  if (!is_due && !MaySample()) return nullptr;
  trace->id = ++traces_;
  // Never all zeros, which would mean none.
  if (trace->parent.has_value()) trace->span_id = absl::StrFormat("%016x", random_() | 1);
  return trace;
}

// Whoever may call may set the flag.
bool Tracer::MaySample() {
  const auto now = std::chrono::steady_clock::now();
  if (now - second_ >= std::chrono::seconds(1)) {
    second_ = now;
    sampled_ = 0;
  }
  return ++sampled_ <= kMaxSampledPerSecond;
}

}  // namespace normbench
