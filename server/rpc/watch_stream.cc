// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/watch_stream.h"

#include <utility>

#include "server/rpc/codec.h"

namespace normbench {

absl::Status WatchStream::Begin(Source source) {
  source_ = std::move(source);
  const auto token = source_.board->Subscribe(source_.run_id, [this] { Wake(); });
  if (!token.ok()) return token.status();
  token_ = *token;
  Wake();
  return absl::OkStatus();
}

WatchStream::Step WatchStream::Next() {
  if (is_busy_) return Step::kNone;
  Step step = Step::kNone;
  if (is_lost_ || (waiting_.empty() && end_.has_value())) {
    step = Step::kFinish;
  } else if (!waiting_.empty()) {
    step = Step::kWrite;
  } else if (std::exchange(has_news_, false)) {
    step = Step::kRead;
  }
  is_busy_ = step != Step::kNone;
  return step;
}

void WatchStream::Do(Step step) {
  switch (step) {
    case Step::kNone:
      return;
    case Step::kRead:
      // Neither can be refused: the queue has room, and ends after the last stream.
      source_.readers->Submit({.run = [this] { Read(); }, .drop = [](const absl::Status&) {}})
          .IgnoreError();
      return;
    case Step::kWrite:
      return Write();
    case Step::kFinish: {
      absl::Status end;
      {
        const absl::MutexLock lock(&mutex_);
        end = end_.value_or(absl::OkStatus());
      }
      call_->Finish(end);
    }
  }
}

// With the lock of the board: what is due by then but reading has begun already.
void WatchStream::Wake() {
  Step step = Step::kNone;
  {
    const absl::MutexLock lock(&mutex_);
    has_news_ = true;
    step = Next();
  }
  Do(step);
}

void WatchStream::Read() {
  absl::StatusOr<WatchStep> read = source_.cursor->Next();
  Step step = Step::kNone;
  {
    const absl::MutexLock lock(&mutex_);
    is_busy_ = false;
    if (read.ok()) {
      for (v1::RunEvent& event : read->events) waiting_.push_back(std::move(event));
      has_news_ = has_news_ || read->more;
      if (read->ended) end_ = absl::OkStatus();
    } else {
      end_ = read.status();
    }
    step = Next();
  }
  Do(step);
}

void WatchStream::Write() {
  v1::RunEvent event;
  {
    const absl::MutexLock lock(&mutex_);
    event = std::move(waiting_.front());
    waiting_.pop_front();
  }
  bytes_.Clear();
  if (absl::StatusOr<grpc::ByteBuffer> encoded = Encode(event, {}); encoded.ok()) {
    bytes_.Swap(&*encoded);
  }
  sent_.Increment(static_cast<double>(bytes_.Length()));
  StartWrite(&bytes_);
}

void WatchStream::OnWriteDone(bool ok) {
  Step step = Step::kNone;
  {
    const absl::MutexLock lock(&mutex_);
    is_busy_ = false;
    is_lost_ = is_lost_ || !ok;
    step = Next();
  }
  Do(step);
}

void WatchStream::OnCancel() {
  call_->Cancel();
  Step step = Step::kNone;
  {
    const absl::MutexLock lock(&mutex_);
    is_lost_ = true;
    step = Next();
  }
  Do(step);
}

void WatchStream::OnDone() {
  if (token_) source_.board->Unsubscribe(*token_);
  call_->Done();
  delete this;
}

}  // namespace normbench
