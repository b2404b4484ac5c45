// SPDX-License-Identifier: Apache-2.0
// Service normbench.v1.Normalization: normalizes the tensors that a caller sends.
#pragma once

#include <string>

#include "normbench/v1/normalization.grpc.pb.h"
#include "server/kernels/plan_cache.h"
#include "server/kernels/registry.h"
#include "server/rpc/offered_kernels.h"
#include "server/rpc/service_context.h"
#include "server/rpc/unary.h"

namespace normbench {

using RawNormalization = v1::Normalization::WithRawCallbackMethod_Normalize<
    v1::Normalization::WithRawCallbackMethod_ListImplementations<v1::Normalization::Service>>;

class NormalizationService final : public RawNormalization {
 public:
  struct Options {
    std::string default_device = "cpu";
    v1::Environment environment;  // what ListImplementations says about this machine, no devices
    size_t max_plans = 256;
  };

  // `services` and `registry` outlive the service. REQUIRES: services.metrics knows the methods
  // Normalize and ListImplementations, and every implementation and device of `registry`.
  NormalizationService(ServiceContext& services, const KernelRegistry& registry, Options options);

  grpc::ServerUnaryReactor* Normalize(grpc::CallbackServerContext* context,
                                      const grpc::ByteBuffer* request,
                                      grpc::ByteBuffer* response) override;

  grpc::ServerUnaryReactor* ListImplementations(grpc::CallbackServerContext* context,
                                                const grpc::ByteBuffer* request,
                                                grpc::ByteBuffer* response) override;

 private:
  absl::Status StartNormalize(Call& call, const RawExchange& exchange);

  ServiceContext& services_;
  const OfferedKernels kernels_;
  const v1::ListImplementationsResponse list_;  // nothing in it changes while the server runs
  PlanCache plans_;
  const Rpc normalize_;
  const Rpc list_implementations_;
};

}  // namespace normbench
