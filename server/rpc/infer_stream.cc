// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/infer_stream.h"

#include <utility>
#include <vector>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "inference/grpc_service.pb.h"

namespace normbench {

using google::protobuf::internal::WireFormatLite;
using inference::ModelStreamInferResponse;

InferStream::InferStream(Options options) : options_(std::move(options)) {
  StartRead(&reading_);
}

void InferStream::OnReadDone(bool ok) {
  bool begins = false;
  Step step;
  {
    const absl::MutexLock lock(&mutex_);
    is_reading_ = false;
    read_all_ = read_all_ || !ok;
    begins = is_beginning_ = ok && !is_lost_ && !finished_;
    if (!begins) step = Next();
  }
  if (begins) return Begin();
  Do(step);
}

// Its call may end before this returns.
void InferStream::Begin() {
  const auto request = std::make_shared<StreamedRequest>();
  request->message.Swap(&reading_);
  if (options_.received) options_.received(static_cast<double>(request->message.Length()));
  request->call = options_.make_call(
      [this, &ending = *request](const grpc::Status& status) { End(ending, status); });
  {
    const absl::MutexLock lock(&mutex_);
    requests_.push_back(request);
    if (is_lost_) request->call->Cancel();
  }
  options_.start(*request);
  Step step;
  {
    const absl::MutexLock lock(&mutex_);
    is_beginning_ = false;
    step = Next();
  }
  Do(step);
}

// On whatever thread ends the call. The stream lives on while a request has not ended; after that
// another thread may end it, and this one does no more than the step that it was given.
void InferStream::End(StreamedRequest& request, const grpc::Status& status) {
  if (!status.ok() && options_.error_ends && IsFirst(status)) CancelAll();
  Step step;
  {
    const absl::MutexLock lock(&mutex_);
    request.ended = status;
    request.message.Clear();  // it may wait long for its turn to be answered
    step = Next();
  }
  Do(step);
}

bool InferStream::IsFirst(const grpc::Status& error) {
  const absl::MutexLock lock(&mutex_);
  if (!status_.ok()) return false;
  status_ = error;
  return true;
}

void InferStream::OnWriteDone(bool ok) {
  writing_.Clear();  // the budget for it goes back now
  if (!ok) CancelAll();
  Step step;
  {
    const absl::MutexLock lock(&mutex_);
    requests_.front()->call->Done();
    requests_.pop_front();
    is_writing_ = false;
    step = Next();
  }
  Do(step);
}

void InferStream::OnCancel() {
  CancelAll();
  Step step;
  {
    const absl::MutexLock lock(&mutex_);
    step = Next();
  }
  Do(step);
}

// What is queued is dropped on this thread, and ends here.
void InferStream::CancelAll() {
  std::vector<std::shared_ptr<StreamedRequest>> all;
  {
    const absl::MutexLock lock(&mutex_);
    is_lost_ = true;
    all.assign(requests_.begin(), requests_.end());
  }
  for (const auto& request : all) request->call->Cancel();
}

// Answers that nobody reads.
void InferStream::DropAnswered() {
  std::erase_if(requests_, [](const auto& request) {
    if (!request->ended.has_value()) return false;
    request->call->Done();
    return true;
  });
}

InferStream::Step InferStream::Next() {
  Step step;
  if (finished_) return step;
  if (is_lost_ && !is_writing_) DropAnswered();
  const bool answered = !requests_.empty() && requests_.front()->ended.has_value();
  if (answered && !is_writing_) {
    StreamedRequest& request = *requests_.front();
    writing_ = StreamResponse(*request.ended, request.id, request.answer);
    step.write = is_writing_ = true;
  }
  const bool more = !read_all_ && !is_lost_;
  const bool reads = is_reading_ || is_beginning_;
  if (more && !reads && requests_.size() < kMaxRequests) step.read = is_reading_ = true;
  // A stream that ends with an error does not wait for a client that sends nothing more.
  const bool idle = !is_beginning_ && !is_writing_ && (!is_reading_ || !status_.ok());
  if (!more && idle && requests_.empty()) {
    finished_ = true;
    step.finish = status_;
  }
  return step;
}

void InferStream::Do(const Step& step) {
  if (step.read) StartRead(&reading_);
  if (step.write) {
    if (options_.sent) options_.sent(static_cast<double>(writing_.Length()));
    StartWrite(&writing_);
  }
  if (step.finish.has_value()) Finish(*step.finish);
}

grpc::ByteBuffer StreamResponse(const grpc::Status& status, const std::string& id,
                                grpc::ByteBuffer& answer) {
  if (!status.ok()) {
    ModelStreamInferResponse response;
    response.set_error_message(status.error_message());
    response.mutable_infer_response()->set_id(id);
    const grpc::Slice slice(response.SerializeAsString());
    return grpc::ByteBuffer(&slice, 1);
  }
  std::string head;
  {
    google::protobuf::io::StringOutputStream bytes(&head);
    google::protobuf::io::CodedOutputStream stream(&bytes);
    stream.WriteTag(WireFormatLite::MakeTag(ModelStreamInferResponse::kInferResponseFieldNumber,
                                            WireFormatLite::WIRETYPE_LENGTH_DELIMITED));
    stream.WriteVarint32(static_cast<uint32_t>(answer.Length()));
  }
  std::vector<grpc::Slice> slices;
  answer.Dump(&slices);
  answer.Clear();
  slices.insert(slices.begin(), grpc::Slice(head));
  return grpc::ByteBuffer(slices.data(), slices.size());
}

}  // namespace normbench
