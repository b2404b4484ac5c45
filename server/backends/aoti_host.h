// SPDX-License-Identifier: Apache-2.0
// Whether this process is one that an AOTInductor package was compiled for: told before its native
// code is loaded, which on another CPU would end the process. Needs no torch header.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace normbench {

// What a package says of itself: the keys of its wrapper_metadata.json.
using AotiMetadata = std::map<std::string, std::string>;

// What a process is, in the words of that file.
struct AotiHost {
  std::string torch;             // 2.15.0
  std::string device;            // cpu, cuda
  std::string platform;          // linux
  std::string machine;           // x86_64
  std::vector<std::string> isa;  // AVX2, AVX512, AVX512_VNNI ...
};

// This process; `device` is cpu or cuda:0.
AotiHost ThisHost(const std::string& device);

// Returns FAILED_PRECONDITION naming the first thing in which they differ. The version of LibTorch
// is compared where the maker has noted it (torch_version), by its first two numbers; that of the
// CPU is AOTI_CPU_ISA, which does not know all that -march=native takes.
absl::Status CheckMadeFor(const AotiMetadata& metadata, const AotiHost& host);

}  // namespace normbench
