// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/unary.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "server/rpc/codec.h"

namespace normbench {
namespace {

// Lives from the handler to OnDone; gRPC binds it only after the handler returned it.
class UnaryReactor final : public grpc::ServerUnaryReactor {
 public:
  void set_call(std::shared_ptr<Call> call) { call_ = std::move(call); }
  const Call& call() const { return *call_; }
  void OnCancel() override { call_->Cancel(); }
  void OnDone() override {
    call_->Done();
    delete this;
  }
  // Both reactions are short and wait for nothing, so they run where gRPC finds out instead of on
  // another thread: at 4 requests in flight that hand-over took 40 % of the calls per second. Not
  // quite API: "for internally-defined reactors with trivial reactions" (server_callback.h). Where
  // a later gRPC drops it, this line goes and nothing else changes.
  bool InternalInlineable() override { return true; }

 private:
  std::shared_ptr<Call> call_;
};

// Only runs have a channel within this process. To a server of gRPC 1.51 the other end of one has
// no address and is "unknown", of later versions "inproc"; all others have one.
bool IsInProcess(const grpc::CallbackServerContext& context) {
  const std::string peer = context.peer();
  return peer == "unknown" || absl::StartsWith(peer, "inproc");
}

}  // namespace

Deadline DeadlineOf(const grpc::CallbackServerContext& context) {
  using std::chrono::system_clock;
  const system_clock::time_point deadline = context.deadline();
  // Also keeps the conversion below far from overflow; nobody waits for a year.
  const system_clock::time_point now = system_clock::now();
  if (deadline > now + std::chrono::hours(24 * 365)) return Deadline::max();
  return std::chrono::steady_clock::now() +
         std::chrono::duration_cast<Deadline::duration>(deadline - now);
}

Call::Options CallOptions(ServiceContext& services, const Rpc& rpc,
                          const grpc::CallbackServerContext& context,
                          std::function<void(const grpc::Status&)> finish) {
  return {.queue = &services.queue,
          .admission = rpc.admission != nullptr ? rpc.admission : &services.admission,
          .metrics = &services.metrics,
          .rpc = &rpc.metrics,
          .contract = rpc.contract,
          .deadline = DeadlineOf(context),
          .finish = std::move(finish)};
}

absl::Status AuthorizeCall(ServiceContext& services, const Rpc& rpc,
                           const grpc::CallbackServerContext& context, Call& call) {
  const bool own = services.authorizer.run_active() && IsInProcess(context);
  absl::Status status = services.authorizer.Authorize(rpc.access, own);
  if (absl::IsUnavailable(status)) services.metrics.rejections("draining").Increment();
  if (absl::IsResourceExhausted(status)) {
    services.metrics.rejections("run").Increment();
    call.RefuseForNow();
  }
  return status;
}

void AddPushback(const ServiceContext& services, const Call& call,
                 grpc::CallbackServerContext& context) {
  // What a server that stops drops from its queue is for another one.
  if (!call.refused_for_now() || services.authorizer.draining()) return;
  const double milliseconds = std::clamp(services.executor.wait_seconds() * 1e3, 50.0, 10e3);
  context.AddTrailingMetadata("grpc-retry-pushback-ms",
                              std::to_string(static_cast<int>(milliseconds)));
}

grpc::ServerUnaryReactor* StartUnary(ServiceContext& services, const Rpc& rpc,
                                     const RawExchange& exchange,
                                     const std::function<absl::Status(Call&)>& head) {
  services.metrics.network_bytes_received().Increment(
      static_cast<double>(exchange.request->Length()));
  auto* reactor = new UnaryReactor;
  const auto send = [&services, exchange, reactor](const grpc::Status& status) {
    if (status.ok()) {
      services.metrics.network_bytes_sent().Increment(
          static_cast<double>(exchange.response->Length()));
    }
    AddPushback(services, reactor->call(), *exchange.context);
    reactor->Finish(status);
  };
  const std::shared_ptr<Call> call =
      Call::Create(CallOptions(services, rpc, *exchange.context, send));
  reactor->set_call(call);
  call->Guard([&] {
    const absl::Status allowed = AuthorizeCall(services, rpc, *exchange.context, *call);
    return allowed.ok() ? head(*call) : allowed;
  });
  return reactor;
}

grpc::ServerUnaryReactor* AnswerNow(ServiceContext& services, const Rpc& rpc,
                                    const RawExchange& exchange,
                                    google::protobuf::MessageLite& request,
                                    google::protobuf::MessageLite& response,
                                    const std::function<absl::Status()>& answer) {
  return StartUnary(services, rpc, exchange, [&](Call& call) -> absl::Status {
    const absl::Status decoded =
        DecodeWhole(*exchange.request, services.limits.max_header_bytes, request);
    if (!decoded.ok()) return decoded;
    if (absl::Status status = answer(); !status.ok()) return status;
    absl::StatusOr<grpc::ByteBuffer> encoded = Encode(response, {});
    if (!encoded.ok()) return encoded.status();
    exchange.response->Swap(&*encoded);
    call.Finish(absl::OkStatus());
    return absl::OkStatus();
  });
}

}  // namespace normbench
