// SPDX-License-Identifier: Apache-2.0
// Unary methods on gRPC's callback API. All are registered raw (WithRawCallbackMethod_X), small
// ones too: gRPC answers a generated method's malformed request itself, with UNIMPLEMENTED, no text
// and no handler that could count it.
#pragma once

#include <functional>
#include <memory>

#include "google/protobuf/message_lite.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "server/rpc/service_context.h"

namespace normbench {

// What gRPC gives a raw handler; alive until the call is done.
struct RawExchange {
  grpc::CallbackServerContext* context = nullptr;
  const grpc::ByteBuffer* request = nullptr;
  grpc::ByteBuffer* response = nullptr;
};

// Authorizes, then runs `head` on this thread. An error of `head` ends the call; otherwise head has
// called Submit or Finish on the call, and has filled exchange.response before a Finish with OK.
// Returns the reactor that the handler returns.
grpc::ServerUnaryReactor* StartUnary(ServiceContext& services, const Rpc& rpc,
                                     const RawExchange& exchange,
                                     const std::function<absl::Status(Call&)>& head);

// Parses exchange.request into `request`, runs `answer`, and sends `response`, all on this thread:
// for methods that answer from what is known. INVALID_ARGUMENT for a malformed request.
grpc::ServerUnaryReactor* AnswerNow(ServiceContext& services, const Rpc& rpc,
                                    const RawExchange& exchange,
                                    google::protobuf::MessageLite& request,
                                    google::protobuf::MessageLite& response,
                                    const std::function<absl::Status()>& answer);

// The deadline of a call on the steady clock; Deadline::max() for none.
Deadline DeadlineOf(const grpc::CallbackServerContext& context);

// What makes one gRPC call of `rpc`; `finish` sends the answer.
Call::Options CallOptions(ServiceContext& services, const Rpc& rpc,
                          const grpc::CallbackServerContext& context,
                          std::function<void(const grpc::Status&)> finish);

// Whether `call` may go on; a refusal is counted.
absl::Status AuthorizeCall(ServiceContext& services, const Rpc& rpc,
                           const grpc::CallbackServerContext& context, Call& call);

// Tells the client of a call that was refused for now when to try again: trailer
// grpc-retry-pushback-ms, the estimated wait of the queue. Whatever else is UNAVAILABLE on V2, a
// model that failed to load, a server that drains, does not become available by waiting for that.
// Call before Finish.
void AddPushback(const ServiceContext& services, const Call& call,
                 grpc::CallbackServerContext& context);

}  // namespace normbench
