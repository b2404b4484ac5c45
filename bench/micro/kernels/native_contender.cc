// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/kernels/native_contender.h"

#include <cstdlib>
#include <optional>
#include <utility>

namespace normbench {
namespace {

constexpr size_t kAlignment = 64;

struct Free {
  void operator()(std::byte* memory) const { std::free(memory); }
};
using Scratch = std::unique_ptr<std::byte, Free>;

Scratch MakeScratch(size_t bytes) {
  const size_t rounded = (bytes / kAlignment + 1) * kAlignment;
  return Scratch(static_cast<std::byte*>(std::aligned_alloc(kAlignment, rounded)));
}

class BoundNative final : public BoundContender {
 public:
  BoundNative(NativeNorm norm, const CaseMemory& memory, int threads)
      : norm_(std::move(norm)),
        memory_(memory),
        pool_(threads),
        scratch_(MakeScratch(norm_.ScratchBytes(threads))) {}

  absl::Status Check() const {
    for (int64_t i = 0; i < memory_.lanes(); ++i) {
      if (absl::Status status = norm_.Check(memory_.lane(i)); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  absl::Status Run(int64_t first, int64_t count) override {
    for (int64_t i = 0; i < count; ++i) {
      norm_.Run(memory_.lane(first + i), scratch_.get(), &pool_, pool_.threads());
    }
    return absl::OkStatus();
  }

  bool streams() const override { return norm_.streams(); }
  std::string description() const override { return norm_.description(); }

 private:
  const NativeNorm norm_;
  const CaseMemory& memory_;
  ThreadPool pool_;
  const Scratch scratch_;
};

std::string NameOf(Stores stores) {
  switch (stores) {
    case Stores::kPlain:
      return "native";
    case Stores::kStreaming:
      return "native/streaming";
    case Stores::kChosen:
      return "native/chosen";
  }
  return "";
}

class NativeContender final : public Contender {
 public:
  explicit NativeContender(const NativeOptions& options) : options_(options) {}

  std::string name() const override { return NameOf(options_.stores); }

  absl::StatusOr<std::unique_ptr<BoundContender>> Bind(const BenchCase& bench_case,
                                                       const CaseMemory& memory,
                                                       int threads) override {
    auto norm = NativeNorm::Plan(bench_case.problem, options_);
    if (!norm.ok()) return norm.status();
    auto bound = std::make_unique<BoundNative>(*std::move(norm), memory, threads);
    if (absl::Status status = bound->Check(); !status.ok()) return status;
    return bound;
  }

 private:
  const NativeOptions options_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Contender>> MakeNativeContender(Stores stores,
                                                               const std::string& isa) {
  NativeOptions options;
  options.stores = stores;
  if (!isa.empty()) {
    const absl::StatusOr<Isa> parsed = ParseIsa(isa);
    if (!parsed.ok()) return parsed.status();
    const absl::StatusOr<Isa> chosen = ChooseIsa(*parsed);
    if (!chosen.ok()) return chosen.status();
    options.isa = *chosen;
  }
  return std::make_unique<NativeContender>(options);
}

}  // namespace normbench
