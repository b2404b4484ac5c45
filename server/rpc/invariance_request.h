// SPDX-License-Identifier: Apache-2.0
// A CheckInvarianceRequest, checked and with every default filled in, and the answers to it.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "grpcpp/support/byte_buffer.h"
#include "normbench/v1/measure.pb.h"
#include "server/measure/invariance.h"
#include "server/rpc/offered_kernels.h"
#include "server/rpc/service_context.h"

namespace normbench {

struct InvarianceRequest {
  InvarianceSpec spec;
  v1::InvarianceCase words;  // with every default filled in
  int64_t bytes = 0;         // of memory that the comparison takes

  // How long the server will be busy with it, about.
  double seconds() const;
};

// Returns INVALID_ARGUMENT naming field, value and allowed range; see ParseNormTask for the rest.
absl::StatusOr<InvarianceRequest> ParseInvariance(const grpc::ByteBuffer& request,
                                                  const OfferedKernels& kernels,
                                                  const ServiceLimits& limits);

v1::MeasureResponse CompareEvent(double fraction);
v1::MeasureResponse InvarianceEvent(const InvarianceRequest& request, const Invariance& found,
                                    double seconds);

}  // namespace normbench
