// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/run_methods.h"

#include <algorithm>
#include <utility>

#include "server/rpc/codec.h"
#include "server/rpc/watch_stream.h"

namespace normbench {
namespace {

constexpr int kMaxWaiting = 256;               // orders, and as many readings
constexpr int kMaxReaders = 1024;              // more than there may be watchers
constexpr int64_t kBytes = int64_t{64} << 20;  // of requests, and of answers that are not sent
constexpr int64_t kSmallAnswer = 64 << 10;     // is admitted beforehand: a run without its report

absl::Status NoHistory() {
  return absl::FailedPreconditionError(
      "the server keeps no history of runs; start it with --history FILE");
}

Rpc RpcOf(const ServiceContext& services, const char* name, Access access, Admission* admission) {
  return {services.metrics.rpc(name), Contract::kNormbench, access, admission};
}

}  // namespace

RunMethods::RunMethods(ServiceContext& services, Runs* runs)
    : services_(services),
      runs_(runs),
      orders_({.slots = kMaxWaiting, .bytes = kBytes}),
      readings_({.slots = kMaxWaiting, .bytes = kBytes}),
      submit_(RpcOf(services, "Submit", Access::kOrder, &orders_)),
      watch_(RpcOf(services, "Watch", Access::kInfo, nullptr)),
      get_(RpcOf(services, "Get", Access::kInfo, &readings_)),
      list_(RpcOf(services, "List", Access::kInfo, &readings_)),
      cancel_(RpcOf(services, "Cancel", Access::kInfo, &orders_)),
      delete_(RpcOf(services, "Delete", Access::kInfo, &orders_)),
      threads_(runs == nullptr ? nullptr : std::make_unique<Threads>()) {}

RunMethods::Threads::Threads()
    : clerk({.workers = 1, .max_queued = 2 * kMaxWaiting, .worker_init = [] {}}),
      readers({.workers = 1, .max_queued = kMaxReaders, .worker_init = [] {}}) {}

template <typename Request, typename Response>
RunMethods::Unary* RunMethods::Answer(const Rpc& rpc, const RawExchange& exchange,
                                      Method<Request, Response> method) {
  return StartUnary(services_, rpc, exchange, [&](Call& call) -> absl::Status {
    if (runs_ == nullptr) return NoHistory();
    const auto request = std::make_shared<Request>();
    const absl::Status decoded =
        DecodeWhole(*exchange.request, services_.limits.max_header_bytes, *request);
    if (!decoded.ok()) return decoded;
    const auto request_bytes = static_cast<int64_t>(exchange.request->Length());
    const auto answer = [this, request, request_bytes, method,
                         response = exchange.response](Call& call) -> absl::Status {
      const absl::StatusOr<Response> answered = (runs_->*method)(*request);
      if (!answered.ok()) return answered.status();
      absl::StatusOr<grpc::ByteBuffer> encoded = Encode(*answered, {});
      if (!encoded.ok()) return encoded.status();
      const auto bytes = request_bytes + static_cast<int64_t>(encoded->Length());
      // One that is larger than all of it takes all of it, and waits for others to be read.
      if (absl::Status held = call.Hold(std::min(bytes, kBytes)); !held.ok()) return held;
      response->Swap(&*encoded);
      return absl::OkStatus();
    };
    call.Submit({.run = answer, .bytes = request_bytes + kSmallAnswer, .queue = threads_->queue});
    return absl::OkStatus();
  });
}

RunMethods::Unary* RunMethods::Submit(const RawExchange& exchange) {
  return Answer(submit_, exchange, &Runs::Submit);
}

RunMethods::Unary* RunMethods::Get(const RawExchange& exchange) {
  return Answer(get_, exchange, &Runs::Get);
}

RunMethods::Unary* RunMethods::List(const RawExchange& exchange) {
  return Answer(list_, exchange, &Runs::List);
}

RunMethods::Unary* RunMethods::Cancel(const RawExchange& exchange) {
  return Answer(cancel_, exchange, &Runs::Cancel);
}

RunMethods::Unary* RunMethods::Delete(const RawExchange& exchange) {
  return Answer(delete_, exchange, &Runs::Delete);
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* RunMethods::Watch(grpc::CallbackServerContext& context,
                                                              const grpc::ByteBuffer& request) {
  services_.metrics.network_bytes_received().Increment(static_cast<double>(request.Length()));
  auto* stream = new WatchStream(services_.metrics.network_bytes_sent());
  const std::shared_ptr<Call> call =
      Call::Create(CallOptions(services_, watch_, context,
                               [stream](const grpc::Status& status) { stream->Finish(status); }));
  stream->set_call(call);
  call->Guard([&]() -> absl::Status {
    if (absl::Status s = AuthorizeCall(services_, watch_, context, *call); !s.ok()) return s;
    if (runs_ == nullptr) return NoHistory();
    v1::WatchRequest wanted;
    const absl::Status decoded = DecodeWhole(request, services_.limits.max_header_bytes, wanted);
    if (!decoded.ok()) return decoded;
    return stream->Begin({.board = &runs_->board(),
                          .run_id = wanted.run_id(),
                          .cursor = runs_->Watch(wanted),
                          .readers = &threads_->readers});
  });
  return stream;
}

}  // namespace normbench
