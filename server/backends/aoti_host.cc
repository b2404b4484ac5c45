// SPDX-License-Identifier: Apache-2.0
#include "server/backends/aoti_host.h"

#include <ATen/cpu/Utils.h>
#include <sys/utsname.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "server/kernels/torch_runtime.h"

namespace normbench {
namespace {

std::vector<std::string> CpuIsa() {
  std::vector<std::string> isa;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) isa.push_back("AVX2");
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw")) {
    isa.push_back("AVX512");
    if (__builtin_cpu_supports("avx512vnni")) isa.push_back("AVX512_VNNI");
  }
  // Tiles have to be asked of the kernel; LibTorch does.
  if (at::cpu::init_amx()) isa.push_back("AMX_TILE");
#elif defined(__aarch64__)
  isa = {"ASIMD", "NEON"};
#endif
  return isa;
}

absl::Status Differs(const std::string& what, const std::string& wanted, const std::string& here) {
  return absl::FailedPreconditionError(
      absl::StrCat("the package is made for ", what, " ", wanted, "; allowed here: ", here));
}

// A key that is not there is one that an older LibTorch did not write.
std::string ValueOf(const AotiMetadata& metadata, const std::string& key) {
  const auto found = metadata.find(key);
  return found == metadata.end() ? "" : found->second;
}

// 2.15 of 2.15.0+cu132
std::string MinorOf(const std::string& version) {
  const std::vector<std::string> numbers = absl::StrSplit(version, absl::MaxSplits('.', 2));
  return numbers.size() < 2 ? version : absl::StrCat(numbers[0], ".", numbers[1]);
}

absl::Status CheckIsa(const std::string& wanted, const std::vector<std::string>& here) {
  if (wanted == "INVALID_VEC_ISA") return absl::OkStatus();  // without vectors
  for (const std::string& word : std::vector<std::string>(absl::StrSplit(wanted, ' '))) {
    if (word.empty() || std::ranges::find(here, word) != here.end()) continue;
    return Differs("a CPU with", word, here.empty() ? "none of these" : absl::StrJoin(here, ", "));
  }
  return absl::OkStatus();
}

}  // namespace

AotiHost ThisHost(const std::string& device) {
  struct utsname system = {};
  uname(&system);
  return {.torch = TorchVersion(),
          .device = device.substr(0, device.find(':')),
          .platform = "linux",
          .machine = system.machine,
          .isa = CpuIsa()};
}

absl::Status CheckMadeFor(const AotiMetadata& metadata, const AotiHost& host) {
  const std::string torch = ValueOf(metadata, "torch_version");
  if (!torch.empty() && MinorOf(torch) != MinorOf(host.torch)) {
    return Differs("LibTorch", torch, absl::StrCat(MinorOf(host.torch), ".x"));
  }
  const std::string device = ValueOf(metadata, "AOTI_DEVICE_KEY");
  if (device != host.device) return Differs("device", device, host.device);
  const std::string platform = ValueOf(metadata, "AOTI_PLATFORM");
  if (!platform.empty() && platform != host.platform) {
    return Differs("platform", platform, host.platform);
  }
  const std::string machine = ValueOf(metadata, "AOTI_MACHINE");
  if (!machine.empty() && machine != host.machine) return Differs("machine", machine, host.machine);
  return CheckIsa(ValueOf(metadata, "AOTI_CPU_ISA"), host.isa);
}

}  // namespace normbench
