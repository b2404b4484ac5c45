// SPDX-License-Identifier: Apache-2.0
// The backend `torchscript`: a scripted or traced module in VERSION/model.pt, or the file that the
// configuration names. forward() takes the inputs of the configuration in their order and returns a
// tensor, or a tuple or list of tensors in the order of the outputs, or a dictionary with their
// names. This header needs no torch.
#pragma once

#include <cstdint>
#include <memory>

#include "server/backends/model.h"

namespace normbench {

// `max_request_bytes`: what requests may take together; a max_batch_size that needs more is
// refused.
//
// Load returns NOT_FOUND where model.pt is missing, INVALID_ARGUMENT where it is no TorchScript
// file or where module and configuration do not go together (number of inputs, data types, what a
// run on zeros gives), FAILED_PRECONDITION where the device is not here. The model comes back warm:
// it has run the batches of warm_up.h, with 1 for each dimension that the configuration leaves
// open; WorkspaceBytes says what those took, and a request with larger dimensions takes more. A
// module that throws on a request answers INTERNAL with what it said; one that answers with other
// shapes than the configuration, too. A module that keeps state in its attributes runs one request
// at a time, on copies of the inputs; the warm-up is its first requests.
std::unique_ptr<Backend> MakeTorchScriptBackend(int64_t max_request_bytes);

}  // namespace normbench
