// SPDX-License-Identifier: Apache-2.0
// LibTorch's operators, called as a program would that uses what they return: results stay where
// ATen allocated them (malloc gives the same memory again), nothing is copied to a place of ours.
// What is fused elsewhere is here a norm and ATen's in-place operators behind each other.
#pragma once

#include <memory>

#include "bench/micro/kernels/contender.h"

namespace normbench {

// Binding sets LibTorch's threads of the calling thread, which is the one to call Run.
std::unique_ptr<Contender> MakeTorchContender();

}  // namespace normbench
