// SPDX-License-Identifier: Apache-2.0
// Answers every method that no service offers. gRPC itself says UNIMPLEMENTED with an empty
// message, which tells a caller nothing and which some V2 clients take for success.
#pragma once

#include "grpcpp/generic/async_generic_service.h"

namespace normbench {

// Thread-safe.
class UnknownMethods final : public grpc::CallbackGenericService {
 public:
  // The call ends with UNIMPLEMENTED and the method's name, escaped and cut: a client chose it.
  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override;
};

}  // namespace normbench
