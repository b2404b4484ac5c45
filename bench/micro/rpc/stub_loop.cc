// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/rpc/stub_loop.h"

#include <time.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "grpcpp/completion_queue.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/generic_stub.h"

namespace normbench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience(10);

double ProcessCpuSeconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// One request under way.
struct Slot {
  std::unique_ptr<grpc::ClientContext> context;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
  grpc::ByteBuffer response;
  grpc::Status status;
  Clock::time_point start;
};

class Loop {
 public:
  Loop(const std::shared_ptr<grpc::Channel>& channel, const grpc::ByteBuffer& request,
       const StubLoopOptions& options)
      : stub_(channel), request_(request), options_(options), slots_(options.in_flight) {}

  absl::StatusOr<StubLoopResult> Run() {
    const double cpu_at_start = ProcessCpuSeconds();
    const auto begin = Clock::now();
    measure_from_ = begin + Duration(options_.warmup_seconds);
    end_ = measure_from_ + Duration(options_.seconds);
    for (Slot& slot : slots_) Send(slot);
    int under_way = options_.in_flight;
    void* tag = nullptr;
    bool ok = false;
    while (under_way > 0 && queue_.Next(&tag, &ok)) {
      Slot& slot = *static_cast<Slot*>(tag);
      if (Finish(slot)) {
        Send(slot);
      } else {
        --under_way;
      }
    }
    if (!failure_.ok()) return failure_;
    const double seconds = std::chrono::duration<double>(last_ - measure_from_).count();
    result_.calls_per_s =
        static_cast<double>(result_.latencies.size()) / std::max(options_.seconds, seconds);
    result_.cpu_seconds_per_call =
        (ProcessCpuSeconds() - cpu_at_start) / static_cast<double>(calls_);
    return std::move(result_);
  }

 private:
  static Clock::duration Duration(double seconds) {
    return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  }

  void Send(Slot& slot) {
    slot.context = std::make_unique<grpc::ClientContext>();
    slot.start = Clock::now();
    slot.reader = stub_.PrepareUnaryCall(slot.context.get(), options_.method, request_, &queue_);
    slot.reader->StartCall();
    slot.reader->Finish(&slot.response, &slot.status, &slot);
  }

  // Returns whether the slot goes on.
  bool Finish(Slot& slot) {
    const auto now = Clock::now();
    ++calls_;
    if (!slot.status.ok()) {
      failure_ = absl::Status(static_cast<absl::StatusCode>(slot.status.error_code()),
                              slot.status.error_message());
    }
    // A machine that stood still for all of the time has no call in it: the next one counts then.
    const bool measuring = now < end_ || (result_.latencies.empty() && now < end_ + kPatience);
    if (slot.start >= measure_from_ && measuring) {
      result_.latencies.push_back(std::chrono::duration<double>(now - slot.start).count());
      last_ = now;
    }
    return measuring && failure_.ok();
  }

  grpc::GenericStub stub_;
  const grpc::ByteBuffer& request_;
  const StubLoopOptions options_;
  grpc::CompletionQueue queue_;
  std::vector<Slot> slots_;
  Clock::time_point measure_from_, end_, last_;
  int64_t calls_ = 0;
  absl::Status failure_;
  StubLoopResult result_;
};

}  // namespace

absl::StatusOr<StubLoopResult> RunStubLoop(const std::shared_ptr<grpc::Channel>& channel,
                                           const grpc::ByteBuffer& request,
                                           const StubLoopOptions& options) {
  return Loop(channel, request, options).Run();
}

std::shared_ptr<grpc::Channel> OpenChannel(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(std::numeric_limits<int>::max());
  arguments.SetMaxSendMessageSize(std::numeric_limits<int>::max());
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace normbench
