// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/torch_wall.h"

#include <gtest/gtest.h>

#include <new>
#include <stdexcept>

namespace normbench {
namespace {

absl::Status Throwing(const char* text) {
  return BehindTorchWall([text]() -> absl::Status { throw std::runtime_error(text); });
}

TEST(BehindTorchWall, LetsAStatusThrough) {
  EXPECT_TRUE(BehindTorchWall([] { return absl::OkStatus(); }).ok());
  EXPECT_EQ(BehindTorchWall([] { return absl::NotFoundError("there"); }),
            absl::NotFoundError("there"));
}

TEST(BehindTorchWall, KeepsTheFirstLineOfWhatWasThrown) {
  EXPECT_EQ(Throwing("expected 4 dims\nException raised from check at a.cpp:1\nframe #0: f"),
            absl::InternalError("LibTorch: expected 4 dims"));
}

TEST(BehindTorchWall, KeepsWhatAScriptedModuleSaidRatherThanItsTrace) {
  EXPECT_EQ(Throwing("The following operation failed in the TorchScript interpreter.\n"
                     "Traceback of TorchScript (most recent call last):\n"
                     "  File \"<string>\", line 2, in forward\n"
                     "  ~~~ <--- HERE\n"
                     "RuntimeError: AssertionError: too much\n\nException raised from a\n"),
            absl::InternalError("LibTorch: AssertionError: too much"));
}

TEST(BehindTorchWall, KeepsTheClassOfWhatAScriptedModuleRaised) {
  EXPECT_EQ(Throwing("The following operation failed in the TorchScript interpreter.\n"
                     "Traceback of TorchScript (most recent call last):\n"
                     "    raise ValueError(\"too short\")\n"
                     "    ~~~~~ <--- HERE\n"
                     "    return x\n"
                     "builtins.ValueError: too short\n"),
            absl::InternalError("LibTorch: builtins.ValueError: too short"));
}

TEST(BehindTorchWall, TellsWhenMemoryRanOut) {
  EXPECT_EQ(BehindTorchWall([]() -> absl::Status { throw std::bad_alloc(); }),
            absl::ResourceExhaustedError("LibTorch: out of memory"));
  EXPECT_EQ(Throwing("CUDA out of memory. Tried to allocate 2.00 GiB.").code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Throwing("DefaultCPUAllocator: can't allocate memory: you tried to").code(),
            absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace normbench
