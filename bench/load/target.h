// SPDX-License-Identifier: Apache-2.0
// What is put under load, reduced to what a loop needs to know. A closed loop sends on free slots
// and waits for completions on one thread. An open loop has two: one calls Send only, the other one
// Wait only, at the same time; a slot goes from one to the other under the loop's own lock.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace normbench {

using Clock = std::chrono::steady_clock;

struct Completion {
  int slot = 0;
  int code = 0;  // canonical status code, 0: OK
  // When the loop's thread took the answer, before it did anything else with it. One that came
  // while this thread was still at work on another has waited for that.
  Clock::time_point time;
  // The tensors of the answer; valid until the slot is used again.
  std::span<const std::byte> payload;
  // Samples that the server ran at once, those of this request among them; 0: it did not say.
  int formed_batch = 0;
};

class Target {
 public:
  virtual ~Target() = default;

  // How many requests may be under way; slots are 0 .. slots() - 1.
  virtual int slots() const = 0;

  // Starts a request with input number `input` on a free slot. Does not block, does not fail: a
  // failure is a Completion.
  virtual void Send(int slot, int64_t input) = 0;

  // Waits for a completion until `until`; nothing if none came.
  virtual std::optional<Completion> Wait(Clock::time_point until) = 0;
};

}  // namespace normbench
