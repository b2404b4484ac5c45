// SPDX-License-Identifier: Apache-2.0
#include "client/doctor/work.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <utility>

#include "bench/host/cache_size.h"
#include "bench/norm/case_data.h"
#include "bench/norm/reference.h"
#include "client/doctor/round_trip.h"

namespace normbench {
namespace {

constexpr int64_t kMebibyte = 1 << 20;
constexpr int64_t kPiece = 4 * kMebibyte;

// The inputs of one group norm, which stay the same.
struct Norm {
  NormSpec spec{.method = Method::kGroup, .groups = 8};
  Shape shape = *Shape::Parse("1x32x56x56");
  CaseData data{spec, shape, Distribution::kNormal, /*seed=*/1};
};

// Both ends of a copy and how far it has come.
struct Buffers {
  explicit Buffers(int64_t bytes) : from(bytes, 'a'), to(bytes, 'b') {}

  std::vector<char> from, to;
  int64_t next = 0;
};

}  // namespace

Work ComputeWork() {
  const auto norm = std::make_shared<const Norm>();
  return {"compute", [norm] {
            const auto result = ReferenceNorm(norm->spec, norm->shape, norm->data.inputs());
            return std::isfinite(result.y.back()) ? absl::OkStatus()
                                                  : absl::InternalError("compute: not finite");
          }};
}

Work CopyWork(int64_t bytes) {
  const auto buffers = std::make_shared<Buffers>(bytes);
  return {"copy", [buffers] {
            const auto size = static_cast<int64_t>(buffers->from.size());
            if (buffers->next + kPiece > size) buffers->next = 0;
            std::memcpy(&buffers->to[buffers->next], &buffers->from[buffers->next], kPiece);
            buffers->next += kPiece;
            return absl::OkStatus();
          }};
}

int64_t CopyBytes(int64_t cache_bytes, double memory_bytes) {
  const auto allowed = static_cast<int64_t>(memory_bytes / 8);
  return std::max(kPiece, std::min({2 * cache_bytes, 128 * kMebibyte, allowed}));
}

absl::StatusOr<Work> RoundTripWork() {
  auto opened = RoundTrip::Open();
  if (!opened.ok()) return opened.status();
  const std::shared_ptr<RoundTrip> round_trip = *std::move(opened);
  return Work{"round trip", [round_trip] { return round_trip->Once(); }};
}

absl::StatusOr<std::vector<Work>> AllWorks(double memory_bytes) {
  auto round_trip = RoundTripWork();
  if (!round_trip.ok()) return round_trip.status();
  return std::vector<Work>{ComputeWork(), CopyWork(CopyBytes(LastLevelCacheBytes(), memory_bytes)),
                           *std::move(round_trip)};
}

}  // namespace normbench
