// SPDX-License-Identifier: Apache-2.0
#include "bench/host/host.h"

#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "bench/host/text_file.h"

namespace normbench {
namespace {

// FNV-1a, 32 bits: enough to tell boots apart, and the id itself stays on the machine.
constexpr uint32_t ShortHash(absl::string_view text) {
  uint32_t hash = 2166136261;
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619;
  return hash;
}

std::string HostName() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "unknown";
  return name.data();
}

std::string CpuModel(const utsname& system) {
  const std::string cpuinfo = ReadTextFile("/proc/cpuinfo");
  for (absl::string_view line : absl::StrSplit(cpuinfo, '\n')) {
    const std::pair<absl::string_view, absl::string_view> field =
        absl::StrSplit(line, absl::MaxSplits(':', 1));
    if (absl::StripAsciiWhitespace(field.first) == "model name") {
      return std::string(absl::StripAsciiWhitespace(field.second));
    }
  }
  return system.machine;  // not every architecture has a model name
}

int UsableCpus() {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  if (sched_getaffinity(0, sizeof(cpus), &cpus) == 0) return CPU_COUNT(&cpus);
  return static_cast<int>(std::thread::hardware_concurrency());
}

std::string Isa([[maybe_unused]] const utsname& system) {
#if defined(__x86_64__)
  // The four parts of AVX-512 that LibTorch and Highway ask for.
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
    return "AVX512";
  }
  if (__builtin_cpu_supports("avx2")) return "AVX2";
  return "SSE4";
#else
  return system.machine;
#endif
}

std::string Compiler() {
#if defined(__clang__)
  return absl::StrCat("clang ", __clang_version__);
#else
  return absl::StrCat("gcc ", __VERSION__);
#endif
}

}  // namespace

HostFacts ReadHostFacts() {
  utsname system{};
  uname(&system);
  const std::string boot_id = ReadTextFile("/proc/sys/kernel/random/boot_id");
  HostFacts facts;
  facts.host = absl::StrFormat("%s-%08x", HostName(), ShortHash(boot_id));
  facts.cpu_model = CpuModel(system);
  facts.cpus = UsableCpus();
  facts.isa = Isa(system);
  facts.memory_bytes =
      std::max(0.0, static_cast<double>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE));
  facts.os = absl::StrCat(system.sysname, " ", system.release);
  facts.compiler = Compiler();
  return facts;
}

bool IsSameMachine(absl::string_view host, absl::string_view other) {
  const auto boot = [](absl::string_view name) { return name.substr(name.rfind('-') + 1); };
  constexpr uint32_t kUnknown = ShortHash("");
  return absl::StrContains(host, '-') && boot(host) == boot(other) &&
         boot(host) != absl::StrFormat("%08x", kUnknown);
}

std::optional<CpuTimes> ReadCpuTimes() {
  return ParseCpuTimes(ReadTextFile("/proc/stat"), static_cast<double>(sysconf(_SC_CLK_TCK)));
}

// "cpu user nice system idle iowait irq softirq steal guest guest_nice"; user contains guest.
std::optional<CpuTimes> ParseCpuTimes(absl::string_view proc_stat, double ticks_per_second) {
  constexpr size_t kSteal = 8;
  const std::string line(proc_stat.substr(0, proc_stat.find('\n')));
  const std::vector<std::string> fields = absl::StrSplit(line, ' ', absl::SkipEmpty());
  if (fields.size() <= kSteal || fields[0] != "cpu" || !(ticks_per_second > 0)) {
    return std::nullopt;
  }
  CpuTimes times;
  for (size_t i = 1; i <= kSteal; ++i) {
    double ticks = 0;
    if (!absl::SimpleAtod(fields[i], &ticks)) return std::nullopt;
    times.total += ticks / ticks_per_second;
    if (i == kSteal) times.steal = ticks / ticks_per_second;
  }
  return times;
}

std::optional<double> StealRatio(const std::optional<CpuTimes>& before,
                                 const std::optional<CpuTimes>& after) {
  if (!before || !after) return std::nullopt;
  const double total = after->total - before->total;
  if (!(total > 0)) return std::nullopt;
  return std::clamp((after->steal - before->steal) / total, 0.0, 1.0);
}

std::optional<double> LoadAverage() {
  double average = 0;
  if (getloadavg(&average, 1) != 1) return std::nullopt;
  return average;
}

std::optional<double> RunnableThreads() {
  constexpr int kReadings = 10;
  double sum = 0;
  for (int i = 0; i < kReadings; ++i) {
    const auto runnable = ParseRunnable(ReadTextFile("/proc/loadavg"));
    if (!runnable) return std::nullopt;
    sum += std::max(0.0, *runnable - 1);  // the one that reads
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return sum / kReadings;
}

// "0.20 0.18 0.12 1/80 11206": averages, runnable / existing threads, the latest process.
std::optional<double> ParseRunnable(absl::string_view proc_loadavg) {
  const std::vector<std::string> fields = absl::StrSplit(proc_loadavg, ' ');
  if (fields.size() < 4 || !absl::StrContains(fields[3], '/')) return std::nullopt;
  double runnable = 0;
  if (!absl::SimpleAtod(fields[3].substr(0, fields[3].find('/')), &runnable)) return std::nullopt;
  return runnable;
}

}  // namespace normbench
