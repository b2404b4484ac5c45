// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/history/history_calls.h"

#include <grpcpp/client_context.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <random>

#include "absl/strings/str_cat.h"
#include "normbench/v1/benchmark.grpc.pb.h"

namespace normbench {
namespace {

using Clock = std::chrono::steady_clock;

// One call of its kind; the number makes it another one each time.
using MakeCall = std::function<grpc::Status(v1::Benchmark::Stub& stub, size_t number)>;

grpc::Status List(v1::Benchmark::Stub& stub, const v1::ListRequest& request) {
  grpc::ClientContext context;
  v1::ListResponse response;
  return stub.List(&context, request, &response);
}

absl::StatusOr<TimedCall> Time(const std::string& name, v1::Benchmark::Stub& stub, int calls,
                               size_t runs, const MakeCall& make) {
  TimedCall timed{name, {}};
  std::mt19937_64 random(1);
  std::uniform_int_distribution<size_t> any(0, runs - 1);
  for (int i = 0; i < calls; ++i) {
    const size_t number = any(random);
    const auto start = Clock::now();
    const grpc::Status status = make(stub, number);
    timed.seconds.push_back(std::chrono::duration<double>(Clock::now() - start).count());
    if (!status.ok()) {
      return absl::InternalError(absl::StrCat(name, ": ", status.error_message()));
    }
  }
  std::sort(timed.seconds.begin(), timed.seconds.end());
  return timed;
}

}  // namespace

absl::StatusOr<std::vector<TimedCall>> TimeHistoryCalls(
    const std::shared_ptr<grpc::Channel>& channel, const std::vector<std::string>& ids, int calls) {
  const auto stub = v1::Benchmark::NewStub(channel);
  const std::vector<std::pair<std::string, MakeCall>> kinds = {
      {"List, newest 50", [](auto& s, size_t) { return List(s, {}); }},
      {"List, of a name",
       [](auto& s, size_t number) {
         v1::ListRequest request;
         request.set_name(absl::StrCat("sweep", number % 7));
         return List(s, request);
       }},
      {"List, of a label",
       [](auto& s, size_t) {
         v1::ListRequest request;
         (*request.mutable_labels())["tenth"] = "yes";
         return List(s, request);
       }},
      {"List, from any place on",
       [](auto& s, size_t number) {
         v1::ListRequest request;
         request.set_page_token(absl::StrCat(number + 1));
         return List(s, request);
       }},
      {"Get, any report", [&ids](auto& s, size_t number) {
         grpc::ClientContext context;
         v1::GetRequest request;
         request.set_run_id(ids[number]);
         v1::Run run;
         return s.Get(&context, request, &run);
       }}};
  std::vector<TimedCall> timed;
  for (const auto& [name, make] : kinds) {
    auto one = Time(name, *stub, calls, ids.size(), make);
    if (!one.ok()) return one.status();
    timed.push_back(*std::move(one));
  }
  return timed;
}

}  // namespace normbench
