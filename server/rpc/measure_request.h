// SPDX-License-Identifier: Apache-2.0
// A MeasureRequest, checked and with every default filled in, and the answers to it.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "grpcpp/support/byte_buffer.h"
#include "normbench/v1/measure.pb.h"
#include "server/measure/measure.h"
#include "server/rpc/norm_task.h"
#include "server/rpc/service_context.h"

namespace normbench {

struct MeasureRequest {
  MeasureSpec spec;
  v1::NormCase norm_case;  // with every default filled in
  int threads = 1;
  int64_t bytes = 0;  // of memory that the measurement takes
  bool copies_output = false;

  // Of the result: two times a sample, as a message and once more serialized.
  int64_t answer_bytes() const { return int64_t{spec.max_samples} * 4 * int64_t{sizeof(double)}; }

  // How long the server will be busy with it, about: the calls and copies between the timed ones
  // take as long again. MaxSamplingSeconds bounds it; as an estimate that would refuse others.
  double seconds() const { return spec.warmup_seconds + 2 * spec.seconds; }
};

// Returns INVALID_ARGUMENT naming field, value and allowed range; see ParseNormTask for the rest.
absl::StatusOr<MeasureRequest> ParseMeasure(const grpc::ByteBuffer& request,
                                            const OfferedKernels& kernels,
                                            const ServiceLimits& limits);

v1::MeasureResponse QueuedEvent(int position);
v1::MeasureResponse ProgressEvent(MeasurePhase phase, int samples, double fraction);
v1::MeasureResponse ResultEvent(const MeasureRequest& request, const Measurement& measured);

}  // namespace normbench
