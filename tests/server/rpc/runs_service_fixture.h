// SPDX-License-Identifier: Apache-2.0
// Service Benchmark with runs on request, on a port and in-process; what its runs measure is a fake
// server that does what a test says.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/security/server_credentials.h"
#include "server/runs/runs.h"
#include "tests/bench/run/fake_server.h"
#include "tests/server/rpc/service_fixture.h"

namespace normbench {

class RunsServiceFixture : public ServiceFixture {
 protected:
  RunsServiceFixture() {
    for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path_ + end);
    runs_ = *Runs::Open({.file = path_}, metrics_);
    BenchmarkService::Options options;
    options.runs = runs_.get();
    service_ = std::make_unique<BenchmarkService>(services_, registry_, options);
    normalization_too_ = std::make_unique<NormalizationService>(services_, registry_,
                                                                NormalizationService::Options{});
    Listen();
    remote_ = grpc::CreateChannel(address_, grpc::InsecureChannelCredentials());
    runs_stub_ = v1::Benchmark::NewStub(remote_);
  }
  ~RunsServiceFixture() override {
    if (!released_.HasBeenNotified()) released_.Notify();
    runs_->Stop();
    StopListening();
  }

  // On the port of before, if there was one.
  void Listen() {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address_, grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(service_.get());
    builder.RegisterService(normalization_too_.get());
    runs_server_ = builder.BuildAndStart();
    address_ = "127.0.0.1:" + std::to_string(port);
  }

  // As a server that ends: every call is cut off.
  void StopListening() {
    runs_server_->Shutdown(std::chrono::system_clock::now());
    runs_server_->Wait();
  }

  void StartRuns() {
    runs_->Start({.connect = [this] { return measured_.session().channel; },
                  .take_device =
                      [this](bool refuse) {
                        authorizer_.BeginRun(refuse ? OtherTraffic::kRefuse : OtherTraffic::kMark);
                      },
                  .return_device = [this] { return static_cast<double>(authorizer_.EndRun()); },
                  .allocator = ""});
  }

  // From now on a case waits in the measured server until Release().
  void HoldCases() {
    measured_.benchmark.on_call = [this] {
      if (!entered_.HasBeenNotified()) entered_.Notify();
      released_.WaitForNotification();
    };
  }
  void Release() { released_.Notify(); }

  static v1::SubmitRequest Small() {
    v1::SubmitRequest request;
    request.mutable_sweep()->set_version(1);
    request.mutable_sweep()->set_name("test");
    request.mutable_sweep()->add_cases()->add_key("norm/rms?impl=torch&shape=1x4&dev=cpu");
    return request;
  }

  // The id of a run that was submitted.
  std::string Submit(const v1::SubmitRequest& request = Small()) {
    grpc::ClientContext context;
    v1::Run run;
    const grpc::Status status = runs_stub_->Submit(&context, request, &run);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return run.run_id();
  }

  // A Watch call.
  struct Watching {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReader<v1::RunEvent>> reader;
    v1::RunEvent event;  // the last one read

    bool Read() { return reader->Read(&event); }
    // Reads until an event of this kind has come.
    bool ReadTo(v1::RunEvent::EventCase kind) {
      while (Read()) {
        if (event.event_case() == kind) return true;
      }
      return false;
    }
  };
  std::unique_ptr<Watching> Watch(const std::string& id, int after = 0) {
    auto watching = std::make_unique<Watching>();
    v1::WatchRequest request;
    request.set_run_id(id);
    request.set_after(after);
    watching->reader = runs_stub_->Watch(&watching->context, request);
    return watching;
  }

  const std::string path_ = ::testing::TempDir() +
                            ::testing::UnitTest::GetInstance()->current_test_info()->name() +
                            std::string(".db");
  FakeServer measured_;
  absl::Notification entered_, released_;
  std::unique_ptr<Runs> runs_;
  std::unique_ptr<BenchmarkService> service_;
  std::unique_ptr<NormalizationService> normalization_too_;
  std::unique_ptr<grpc::Server> runs_server_;
  std::string address_ = "127.0.0.1:0";
  std::shared_ptr<grpc::Channel> remote_;
  std::unique_ptr<v1::Benchmark::Stub> runs_stub_;
};

}  // namespace normbench
