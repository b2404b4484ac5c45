// SPDX-License-Identifier: Apache-2.0
// One Normalize request between the wire and the kernel: decoded and checked on the gRPC thread,
// where nothing of tensor size is allocated; gathered, computed and encoded on a worker.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "grpcpp/support/byte_buffer.h"
#include "server/kernels/plan_cache.h"
#include "server/rpc/call.h"
#include "server/rpc/codec.h"
#include "server/rpc/norm_task.h"
#include "server/rpc/service_context.h"

namespace normbench {

class NormalizeJob {
 public:
  // Returns INVALID_ARGUMENT naming field, value and allowed range; see ParseNormTask for the rest.
  static absl::StatusOr<NormalizeJob> Decode(const grpc::ByteBuffer& request,
                                             const OfferedKernels& kernels,
                                             const ServiceLimits& limits);

  const NormTask& task() const { return task_; }
  int64_t elements() const { return task_.plan.shape.elements(); }

  // Bytes of inputs, outputs and workspace that Run allocates.
  int64_t bytes() const;

  // Computes and encodes into `response`. INVALID_ARGUMENT for a negative variance, which only the
  // data shows.
  absl::Status Run(Call& call, ServiceContext& services, PlanCache& plans,
                   grpc::ByteBuffer& response) const;

 private:
  struct Memory;
  struct Computed {
    double seconds = 0;
    bool converts_layout = false;
  };

  NormalizeJob(NormTask task, RawMessage message, bool want_statistics)
      : task_(std::move(task)), message_(std::move(message)), want_statistics_(want_statistics) {}

  absl::Status CheckTensors(const ServiceLimits& limits) const;
  Memory Gather(BufferPool& pool) const;
  absl::StatusOr<grpc::ByteBuffer> EncodeAnswer(const Call& call, const Computed& computed,
                                                Memory memory) const;
  int64_t statistics() const;  // values in each of mean and rstd of the answer; 0: not wanted

  NormTask task_;
  RawMessage message_;
  bool want_statistics_ = false;
};

}  // namespace normbench
