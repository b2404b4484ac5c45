// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/event_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace normbench {
namespace {

using ::testing::ElementsAre;

// Writes down what it is told. The reader takes an event when the test says so, or at once.
class RecordingSink : public EventSink {
 public:
  void Write(const v1::MeasureResponse& event) override {
    ASSERT_FALSE(in_flight) << "two writes at once";
    in_flight = true;
    if (event.has_queued()) told.push_back("queued " + std::to_string(event.queued().position()));
    if (event.has_progress()) {
      told.push_back("progress " + std::to_string(event.progress().samples()));
    }
    if (event.has_result()) told.push_back("result");
    const auto now = in_write;  // it may replace itself
    now();
  }
  void Finish(const grpc::Status& status) override {
    told.push_back("finish " + std::to_string(status.error_code()));
  }

  std::vector<std::string> told;
  bool in_flight = false;
  std::function<void()> in_write = [] {};
};

class EventStreamTest : public ::testing::Test {
 protected:
  static v1::MeasureResponse Queued(int position) {
    v1::MeasureResponse event;
    event.mutable_queued()->set_position(position);
    return event;
  }
  static v1::MeasureResponse Progress(int samples) {
    v1::MeasureResponse event;
    event.mutable_progress()->set_samples(samples);
    return event;
  }
  static v1::MeasureResponse Result() {
    v1::MeasureResponse event;
    event.mutable_result();
    return event;
  }
  void Written(bool ok = true) {
    sink_.in_flight = false;
    stream_.WriteDone(ok);
  }

  RecordingSink sink_;
  EventStream stream_{sink_};
};

TEST_F(EventStreamTest, AReaderThatKeepsUpGetsEverything) {
  sink_.in_write = [this] { Written(); };
  stream_.Put(Queued(1));
  stream_.Put(Queued(0));
  stream_.Put(Progress(1));
  stream_.Put(Progress(2));
  stream_.Put(Result());
  stream_.Finish(grpc::Status());
  EXPECT_THAT(sink_.told, ElementsAre("queued 1", "queued 0", "progress 1", "progress 2", "result",
                                      "finish 0"));
}

TEST_F(EventStreamTest, ASlowReaderMissesProgressNeverTheResult) {
  stream_.Put(Progress(1));
  stream_.Put(Progress(2));
  stream_.Put(Progress(3));
  Written();
  stream_.Put(Progress(4));
  stream_.Put(Result());
  stream_.Finish(grpc::Status());
  EXPECT_THAT(sink_.told, ElementsAre("progress 1", "progress 3"));
  Written();
  EXPECT_THAT(sink_.told, ElementsAre("progress 1", "progress 3", "result"));
  Written();
  EXPECT_THAT(sink_.told, ElementsAre("progress 1", "progress 3", "result", "finish 0"));
}

TEST_F(EventStreamTest, KindsOnlyGoForward) {
  sink_.in_write = [this] { Written(); };
  stream_.Put(Progress(1));
  stream_.Put(Queued(0));
  stream_.Put(Result());
  stream_.Put(Progress(2));
  EXPECT_THAT(sink_.told, ElementsAre("progress 1", "result"));
}

TEST_F(EventStreamTest, AnErrorComesAfterTheWriteInFlightAndWhatWaits) {
  stream_.Put(Queued(0));
  stream_.Put(Progress(1));
  stream_.Finish(grpc::Status(grpc::StatusCode::CANCELLED, "gone"));
  EXPECT_THAT(sink_.told, ElementsAre("queued 0"));
  Written();
  Written();
  EXPECT_THAT(sink_.told, ElementsAre("queued 0", "progress 1", "finish 1"));
}

TEST_F(EventStreamTest, NothingIsSentAfterTheEnd) {
  stream_.Finish(grpc::Status());
  stream_.Finish(grpc::Status(grpc::StatusCode::INTERNAL, "second"));
  stream_.Put(Result());
  EXPECT_THAT(sink_.told, ElementsAre("finish 0"));
}

TEST_F(EventStreamTest, AReaderThatIsGoneIsNotWrittenTo) {
  stream_.Put(Progress(1));
  stream_.Put(Progress(2));
  Written(false);
  stream_.Put(Progress(3));
  stream_.Put(Result());
  EXPECT_THAT(sink_.told, ElementsAre("progress 1"));
  stream_.Finish(grpc::Status(grpc::StatusCode::CANCELLED, "gone"));
  EXPECT_THAT(sink_.told, ElementsAre("progress 1", "finish 1"));
}

TEST_F(EventStreamTest, TheTransportMayCallBackAtOnceAndProduceMore) {
  // The next event and the end come from inside Write itself.
  sink_.in_write = [this] {
    sink_.in_write = [] {};
    stream_.Put(Result());
    stream_.Finish(grpc::Status());
  };
  stream_.Put(Progress(1));
  EXPECT_THAT(sink_.told, ElementsAre("progress 1"));
  Written();
  Written();
  EXPECT_THAT(sink_.told, ElementsAre("progress 1", "result", "finish 0"));
}

}  // namespace
}  // namespace normbench
