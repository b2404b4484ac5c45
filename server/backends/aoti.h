// SPDX-License-Identifier: Apache-2.0
// The backend `aoti`: an AOTInductor package in VERSION/model.pt2, or the file that the
// configuration names. It takes the inputs of the configuration in their order and returns its
// outputs in theirs. A package is native code of the server's operator: it may do anything.
// This header needs no torch.
#pragma once

#include <cstdint>
#include <memory>

#include "server/backends/model.h"

namespace normbench {

struct AotiOptions {
  int64_t max_request_bytes = 0;  // as of MakeTorchScriptBackend
  int workers = 1;                // threads that call Infer at once; further ones wait
};

// Makes the code of packages compare each input with what it was compiled for. Without that it
// reads beyond one that is smaller. Whoever has set AOTI_RUNTIME_CHECK_INPUTS in the environment,
// to 0 as well, keeps that. Call once in main, before other threads read the environment.
void CheckPackageInputs();

// Load returns NOT_FOUND where model.pt2 is missing, INVALID_ARGUMENT where it is no package or
// where package and configuration do not go together (what a run on zeros gives),
// FAILED_PRECONDITION where it was made for another LibTorch, device or CPU, where the device is
// not here, and where TMPDIR cannot hold its code. The model comes back warm, as of
// MakeTorchScriptBackend; one that throws on a request or answers with other shapes than the
// configuration answers INTERNAL.
std::unique_ptr<Backend> MakeAotiBackend(const AotiOptions& options);

}  // namespace normbench
