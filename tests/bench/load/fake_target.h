// SPDX-License-Identifier: Apache-2.0
// A target without a server: for tests of loops.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "bench/load/closed_loop.h"

namespace normbench {

struct Sent {
  int slot;
  int64_t input;
  Clock::time_point at;
};

// Completes what is under way at once, first in first out or last in first out; says which code and
// which payload by the number of the request.
class FakeTarget : public Target {
 public:
  explicit FakeTarget(int slots) : slots_(slots), payloads_(slots) {}

  int slots() const override { return slots_; }

  void Send(int slot, int64_t input) override {
    const Clock::time_point now = Clock::now();
    EXPECT_TRUE(busy_.insert(slot).second) << "slot " << slot << " is in use";
    EXPECT_LT(slot, slots_);
    most_busy = std::max(most_busy, static_cast<int>(busy_.size()));
    under_way_.push_back({slot, input, now});
    sent.push_back(under_way_.back());
  }

  std::optional<Completion> Wait(Clock::time_point until) override {
    ++waits;
    const bool keep = completed >= 1 && completed < oldest_waits_until;
    if (under_way_.size() <= (keep ? 1 : 0) || completed >= silent_after) {
      while (Clock::now() < until) continue;
      return std::nullopt;
    }
    const bool last = keep || (last_in_first_out && completed % 3 != 0);
    const Sent request = last ? under_way_.back() : under_way_.front();
    last ? under_way_.pop_back() : under_way_.pop_front();
    busy_.erase(request.slot);
    if (service_time > Clock::duration::zero()) {
      const Clock::time_point done = Clock::now() + service_time;
      while (Clock::now() < done) continue;
    }
    const Clock::time_point time = Clock::now();
    spans.push_back(time - request.at);
    while (Clock::now() < time + reading_time) continue;
    payloads_[request.slot] = payload_of(request.input);
    return Completion{request.slot, code_of(completed++), time,
                      std::as_bytes(std::span(payloads_[request.slot])),
                      static_cast<int>(request.input) + 1};
  }

  bool last_in_first_out = false;
  int64_t silent_after = std::numeric_limits<int64_t>::max();
  int64_t oldest_waits_until = 0;  // so many are completed: the oldest under way is left out
  Clock::duration service_time{};
  Clock::duration reading_time{};  // of this end, after the answer is there
  std::function<int(int64_t number)> code_of = [](int64_t) { return 0; };
  std::function<std::string(int64_t input)> payload_of = [](int64_t input) {
    return std::to_string(input);
  };

  std::vector<Sent> sent;
  std::vector<Clock::duration> spans;  // from Send to the answer, in order of completion
  int64_t completed = 0;
  int64_t waits = 0;
  int most_busy = 0;

 private:
  int slots_;
  std::deque<Sent> under_way_;
  std::set<int> busy_;
  std::vector<std::string> payloads_;
};

// Five milliseconds of warm-up and ten of measuring.
inline ClosedLoopOptions Brief() {
  ClosedLoopOptions options;
  options.warmup_seconds = 0.005;
  options.seconds = 0.01;
  return options;
}

// Each of `inputs` once, however long that takes.
inline ClosedLoopOptions OnePass(int64_t inputs) {
  ClosedLoopOptions options;
  options.warmup_seconds = 0;
  options.seconds = 0;
  options.inputs = inputs;
  options.whole_passes = true;
  return options;
}

inline LoopResult Loop(Target& target, const ClosedLoopOptions& options,
                       OutputLedger* outputs = nullptr) {
  return RunClosedLoop(target, options, outputs, nullptr, nullptr);
}

}  // namespace normbench
