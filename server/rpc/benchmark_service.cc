// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/benchmark_service.h"

#include <optional>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "server/rpc/codec.h"
#include "server/rpc/measure_request.h"
#include "server/rpc/unary.h"

namespace normbench {
namespace {

// The stream's sink on gRPC's side. Lives until OnDone.
class MeasureReactor final : public grpc::ServerWriteReactor<grpc::ByteBuffer>, public EventSink {
 public:
  explicit MeasureReactor(prometheus::Counter& sent) : sent_(sent) {}

  const std::shared_ptr<EventStream>& stream() const { return stream_; }
  void set_call(std::shared_ptr<Call> call) { call_ = std::move(call); }

  void Write(const v1::MeasureResponse& event) override {
    bytes_.Clear();
    if (absl::StatusOr<grpc::ByteBuffer> encoded = Encode(event, {}); encoded.ok()) {
      bytes_.Swap(&*encoded);
    }
    sent_.Increment(static_cast<double>(bytes_.Length()));
    StartWrite(&bytes_);
  }
  void Finish(const grpc::Status& status) override { ServerWriteReactor::Finish(status); }

  void OnWriteDone(bool ok) override {
    if (!ok) call_->Cancel();
    stream_->WriteDone(ok);
  }
  void OnCancel() override { call_->Cancel(); }
  void OnDone() override {
    call_->Done();
    delete this;
  }

 private:
  prometheus::Counter& sent_;
  const std::shared_ptr<EventStream> stream_ = std::make_shared<EventStream>(*this);
  std::shared_ptr<Call> call_;
  grpc::ByteBuffer bytes_;
};

}  // namespace

BenchmarkService::BenchmarkService(ServiceContext& services, const KernelRegistry& registry,
                                   Options options)
    : services_(services),
      kernels_(registry, services.metrics, options.default_device),
      options_(std::move(options)),
      measure_{services.metrics.rpc("Measure"), Contract::kNormbench, Access::kWork} {}

grpc::ServerWriteReactor<grpc::ByteBuffer>* BenchmarkService::Measure(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) {
  services_.metrics.network_bytes_received().Increment(static_cast<double>(request->Length()));
  auto* reactor = new MeasureReactor(services_.metrics.network_bytes_sent());
  const std::shared_ptr<EventStream> stream = reactor->stream();
  const auto finish = [this, context, stream](const grpc::Status& status) {
    AddPushback(services_.executor, status, *context);
    stream->Finish(status);
  };
  const std::shared_ptr<Call> call =
      Call::Create(CallOptions(services_, measure_, *context, finish));
  reactor->set_call(call);
  call->Guard([&] {
    const absl::Status allowed = AuthorizeCall(services_, measure_);
    return allowed.ok() ? Start(*call, *request, stream) : allowed;
  });
  return reactor;
}

absl::Status BenchmarkService::Start(Call& call, const grpc::ByteBuffer& request,
                                     const std::shared_ptr<EventStream>& stream) {
  absl::StatusOr<MeasureRequest> parsed = ParseMeasure(request, kernels_, services_.limits);
  if (!parsed.ok()) return parsed.status();
  const auto wanted = std::make_shared<const MeasureRequest>(*std::move(parsed));
  const std::optional<JobId> job = call.Submit(
      {.run = [this, wanted, stream](Call& running) -> absl::Status {
         TellWaiters();
         options_.set_threads(wanted->threads);
         const auto back =
             absl::MakeCleanup([this] { options_.set_threads(options_.threads_per_worker); });
         const absl::StatusOr<Measurement> measured = normbench::Measure(
             wanted->spec, {.progress =
                                [this, &stream](MeasurePhase phase, int samples, double fraction) {
                                  stream->Put(ProgressEvent(phase, samples, fraction));
                                  TellWaiters();
                                },
                            .cancelled = [&running] { return running.IsCancelled(); }});
         if (!measured.ok()) return measured.status();
         stream->Put(ResultEvent(*wanted, *measured));
         return absl::OkStatus();
       },
       .bytes = wanted->bytes,
       .seconds = wanted->seconds(),
       .answer_bytes = wanted->answer_bytes(),
       .exclusive = true});
  if (!job.has_value()) return absl::OkStatus();
  {
    const absl::MutexLock lock(&mutex_);
    waiters_.push_back({*job, stream});
  }
  TellWaiters();
  return absl::OkStatus();
}

void BenchmarkService::TellWaiters() {
  std::vector<std::pair<int, std::shared_ptr<EventStream>>> moved;
  {
    const absl::MutexLock lock(&mutex_);
    std::vector<Waiter> still;
    for (const Waiter& waiter : waiters_) {
      const int position = services_.executor.PositionOf(waiter.job);
      std::shared_ptr<EventStream> stream = waiter.stream.lock();
      if (position < 0 || stream == nullptr) continue;
      still.push_back(waiter);
      moved.emplace_back(position, std::move(stream));
    }
    waiters_ = std::move(still);
  }
  // Without the lock: a write may call back into this service on this thread.
  for (const auto& [position, stream] : moved) stream->Put(QueuedEvent(position));
}

}  // namespace normbench
