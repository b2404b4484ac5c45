// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/benchmark_service.h"

#include <chrono>
#include <optional>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "server/rpc/codec.h"
#include "server/rpc/invariance_request.h"
#include "server/rpc/measure_request.h"
#include "server/rpc/unary.h"

namespace normbench {
namespace {

// The stream's sink on gRPC's side. Lives until OnDone.
class StreamReactor final : public grpc::ServerWriteReactor<grpc::ByteBuffer>, public EventSink {
 public:
  explicit StreamReactor(prometheus::Counter& sent) : sent_(sent) {}

  const std::shared_ptr<EventStream>& stream() const { return stream_; }
  void set_call(std::shared_ptr<Call> call) { call_ = std::move(call); }
  const Call& call() const { return *call_; }

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
      measure_{services.metrics.rpc("Measure"), Contract::kNormbench, Access::kWork},
      check_invariance_{services.metrics.rpc("CheckInvariance"), Contract::kNormbench,
                        Access::kWork},
      runs_(services, options_.runs) {}

grpc::ServerWriteReactor<grpc::ByteBuffer>* BenchmarkService::Measure(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) {
  return Serve(*context, *request, measure_,
               [this](const grpc::ByteBuffer& bytes) { return MeasureTask(bytes); });
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* BenchmarkService::CheckInvariance(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) {
  return Serve(*context, *request, check_invariance_,
               [this](const grpc::ByteBuffer& bytes) { return InvarianceTask(bytes); });
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* BenchmarkService::Serve(
    grpc::CallbackServerContext& context, const grpc::ByteBuffer& request, const Rpc& rpc,
    const std::function<absl::StatusOr<Task>(const grpc::ByteBuffer&)>& parse) {
  services_.metrics.network_bytes_received().Increment(static_cast<double>(request.Length()));
  auto* reactor = new StreamReactor(services_.metrics.network_bytes_sent());
  const std::shared_ptr<EventStream> stream = reactor->stream();
  const auto finish = [this, &context, stream, reactor](const grpc::Status& status) {
    AddPushback(services_, reactor->call(), context);
    stream->Finish(status);
  };
  const std::shared_ptr<Call> call = Call::Create(CallOptions(services_, rpc, context, finish));
  reactor->set_call(call);
  call->Guard([&] {
    if (absl::Status s = AuthorizeCall(services_, rpc, context, *call); !s.ok()) return s;
    absl::StatusOr<Task> task = parse(request);
    return task.ok() ? Start(*call, *std::move(task), stream) : task.status();
  });
  return reactor;
}

absl::StatusOr<BenchmarkService::Task> BenchmarkService::MeasureTask(
    const grpc::ByteBuffer& request) {
  absl::StatusOr<MeasureRequest> parsed = ParseMeasure(request, kernels_, services_.limits);
  if (!parsed.ok()) return parsed.status();
  const auto wanted = std::make_shared<const MeasureRequest>(*std::move(parsed));
  const auto run = [this, wanted](Call& running,
                                  const Tell& tell) -> absl::StatusOr<v1::MeasureResponse> {
    options_.set_threads(wanted->threads);
    const absl::StatusOr<Measurement> measured = normbench::Measure(
        wanted->spec,
        {.progress = [&tell](MeasurePhase phase, int samples,
                             double fraction) { tell(ProgressEvent(phase, samples, fraction)); },
         .cancelled = [&running] { return running.IsCancelled(); }});
    if (!measured.ok()) return measured.status();
    return ResultEvent(*wanted, *measured);
  };
  return Task{.bytes = wanted->bytes,
              .seconds = wanted->seconds(),
              .answer_bytes = wanted->answer_bytes(),
              .run = run};
}

absl::StatusOr<BenchmarkService::Task> BenchmarkService::InvarianceTask(
    const grpc::ByteBuffer& request) {
  absl::StatusOr<InvarianceRequest> parsed = ParseInvariance(request, kernels_, services_.limits);
  if (!parsed.ok()) return parsed.status();
  const auto wanted = std::make_shared<const InvarianceRequest>(*std::move(parsed));
  const auto run = [this, wanted](Call& running,
                                  const Tell& tell) -> absl::StatusOr<v1::MeasureResponse> {
    const auto start = std::chrono::steady_clock::now();
    const absl::StatusOr<Invariance> found = normbench::CheckInvariance(
        wanted->spec, {.progress = [&tell](double fraction) { tell(CompareEvent(fraction)); },
                       .cancelled = [&running] { return running.IsCancelled(); },
                       .set_threads = options_.set_threads});
    if (!found.ok()) return found.status();
    return InvarianceEvent(*wanted, *found, SecondsSince(start));
  };
  return Task{.bytes = wanted->bytes, .seconds = wanted->seconds(), .answer_bytes = 0, .run = run};
}

absl::Status BenchmarkService::Start(Call& call, Task task,
                                     const std::shared_ptr<EventStream>& stream) {
  const std::optional<JobId> job =
      call.Submit({.run = [this, run = std::move(task.run), stream](Call& running) -> absl::Status {
                     TellWaiters();
                     const auto back = absl::MakeCleanup(
                         [this] { options_.set_threads(options_.threads_per_worker); });
                     absl::StatusOr<v1::MeasureResponse> last =
                         run(running, [this, &stream](v1::MeasureResponse event) {
                           stream->Put(std::move(event));
                           TellWaiters();
                         });
                     if (!last.ok()) return last.status();
                     stream->Put(*std::move(last));
                     return absl::OkStatus();
                   },
                   .bytes = task.bytes,
                   .seconds = task.seconds,
                   .answer_bytes = task.answer_bytes,
                   .exclusive = true});
  if (!job.has_value()) return absl::OkStatus();
  {
    const absl::MutexLock lock(&mutex_);
    waiters_.push_back({*job, stream});
  }
  TellWaiters();
  return absl::OkStatus();
}

BenchmarkService::Unary* BenchmarkService::Submit(Context* context, const Bytes* request,
                                                  Bytes* response) {
  return runs_.Submit({context, request, response});
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* BenchmarkService::Watch(Context* context,
                                                                    const Bytes* request) {
  return runs_.Watch(*context, *request);
}

BenchmarkService::Unary* BenchmarkService::Get(Context* context, const Bytes* request,
                                               Bytes* response) {
  return runs_.Get({context, request, response});
}

BenchmarkService::Unary* BenchmarkService::List(Context* context, const Bytes* request,
                                                Bytes* response) {
  return runs_.List({context, request, response});
}

BenchmarkService::Unary* BenchmarkService::Cancel(Context* context, const Bytes* request,
                                                  Bytes* response) {
  return runs_.Cancel({context, request, response});
}

BenchmarkService::Unary* BenchmarkService::Delete(Context* context, const Bytes* request,
                                                  Bytes* response) {
  return runs_.Delete({context, request, response});
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
