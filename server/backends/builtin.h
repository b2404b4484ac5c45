// SPDX-License-Identifier: Apache-2.0
// The backend `builtin`: a network of server/nets, described by the parameters of its configuration
// (net_spec.h), with the weights that the trainer wrote to weights.pt in the version's folder.
// One FP32 input (b, 1, 28, 28), one FP32 output (b, 10): logits. This header needs no torch.
#pragma once

#include <cstdint>
#include <memory>

#include "server/backends/model.h"

namespace normbench {

// Complete knows the tensors, `image` and `logits`, and with neither given a max_batch_size of 64.
// Load returns INVALID_ARGUMENT where parameters, tensors, max_batch_size and weights do not go
// together, NOT_FOUND where weights.pt is missing, FAILED_PRECONDITION where the device is not
// here, or not one of norm_impl native (the CPU, with its instruction sets). A max_batch_size whose
// request takes more than `max_request_bytes` is refused, too. The model comes back warm: it has
// run the batches of warm_up.h. Its inference uses the ATen threads of the calling thread
// (SetTorchThreads) and never waits for another call.
std::unique_ptr<Backend> MakeBuiltinBackend(int64_t max_request_bytes);

}  // namespace normbench
