// SPDX-License-Identifier: Apache-2.0
#include "tests/server/kernels/native/native_run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "absl/strings/str_cat.h"
#include "bench/norm/case_data.h"
#include "tests/server/kernels/kernel_run.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(data, size) static_cast<void>(data)
#define ASAN_UNPOISON_MEMORY_REGION(data, size) static_cast<void>(data)
#endif

namespace normbench {
namespace {

constexpr std::align_val_t kLine{64};
constexpr size_t kGuardBytes = 128;
constexpr std::byte kNanByte{0xff};

// The memory of one run.
struct Tensors {
  GuardedMemory x, residual, y, sum, gamma, beta, mean, variance, mean_out, rstd_out, scratch;

  bool intact() const {
    return std::ranges::all_of(std::vector{&x, &residual, &y, &sum, &gamma, &beta, &mean, &variance,
                                           &mean_out, &rstd_out, &scratch},
                               [](const GuardedMemory* memory) { return memory->intact(); });
  }
};

void Fill(const GuardedMemory& memory, std::span<const float> values) {
  if (!values.empty()) std::memcpy(memory.data(), values.data(), values.size_bytes());
}

const float* FloatsOrNull(const GuardedMemory& memory) {
  return memory.size() == 0 ? nullptr : memory.floats();
}

std::vector<std::byte> BytesOf(const GuardedMemory& memory) {
  return {memory.data(), memory.data() + memory.size()};
}

std::vector<float> FloatsOf(const GuardedMemory& memory) {
  return {memory.floats(), memory.floats() + memory.size() / sizeof(float)};
}

std::byte* At(Place place, const Tensors& t, const GuardedMemory& own) {
  switch (place) {
    case Place::kNone:
      return nullptr;
    case Place::kOwn:
      return own.data();
    case Place::kX:
      return t.x.data();
    case Place::kResidual:
      return t.residual.data();
  }
  return nullptr;
}

Tensors MakeTensors(const NativeCase& c, const RunOptions& options, size_t scratch) {
  const NormSpec& spec = c.problem.spec;
  const auto tensor = static_cast<size_t>(PackedBytes(c.problem.format, c.problem.shape));
  const size_t groups = static_cast<size_t>(Geometry(spec, c.problem.shape).groups) * sizeof(float);
  const auto bytes = [](const std::vector<float>& values) { return values.size() * sizeof(float); };
  return {.x = GuardedMemory(tensor, options.offset),
          .residual = GuardedMemory(c.residual.empty() ? 0 : tensor, options.offset),
          .y = GuardedMemory(options.y == Place::kOwn ? tensor : 0, options.offset),
          .sum = GuardedMemory(options.sum == Place::kOwn ? tensor : 0, options.offset),
          .gamma = GuardedMemory(bytes(c.gamma), 4),
          .beta = GuardedMemory(bytes(c.beta), 8),
          .mean = GuardedMemory(bytes(c.mean), 12),
          .variance = GuardedMemory(bytes(c.variance), 16),
          .mean_out = GuardedMemory(HasMean(spec) ? groups : 0, 20),
          .rstd_out = GuardedMemory(HasRstd(spec) ? groups : 0, 24),
          .scratch = GuardedMemory(scratch)};
}

void FillInputs(const NativeCase& c, const Tensors& t) {
  const NativeProblem& p = c.problem;
  Pack(p.format, p.shape, std::span<const float>(c.x), t.x.data());
  if (!c.residual.empty())
    Pack(p.format, p.shape, std::span<const float>(c.residual), t.residual.data());
  Fill(t.gamma, c.gamma);
  Fill(t.beta, c.beta);
  Fill(t.mean, c.mean);
  Fill(t.variance, c.variance);
}

NativeBuffers BuffersOf(const Tensors& t, const RunOptions& options) {
  return {.norm = {.x = t.x.data(),
                   .gamma = FloatsOrNull(t.gamma),
                   .beta = FloatsOrNull(t.beta),
                   .mean = FloatsOrNull(t.mean),
                   .variance = FloatsOrNull(t.variance),
                   .y = At(options.y, t, t.y),
                   .mean_out = t.mean_out.size() == 0 ? nullptr : t.mean_out.floats(),
                   .rstd_out = t.rstd_out.size() == 0 ? nullptr : t.rstd_out.floats()},
          .residual = t.residual.size() == 0 ? nullptr : t.residual.data(),
          .sum = At(options.sum, t, t.sum)};
}

bool SameFloats(const std::vector<float>& a, const std::vector<float>& b) {
  return std::ranges::equal(std::as_bytes(std::span(a)), std::as_bytes(std::span(b)));
}

}  // namespace

// ------------------------------------------------------------------ memory

GuardedMemory::GuardedMemory(size_t bytes, size_t offset)
    : size_(bytes),
      memory_(new (kLine) std::byte[kGuardBytes + offset + bytes + kGuardBytes]),
      data_(memory_.get() + kGuardBytes + offset) {
  std::fill(memory_.get(), data_ + bytes + kGuardBytes, kNanByte);
  ASAN_POISON_MEMORY_REGION(Before().data(), Before().size());
  ASAN_POISON_MEMORY_REGION(Behind().data(), Behind().size());
}

GuardedMemory::~GuardedMemory() {
  ASAN_UNPOISON_MEMORY_REGION(Before().data(), Before().size());
  ASAN_UNPOISON_MEMORY_REGION(Behind().data(), Behind().size());
}

void GuardedMemory::Free::operator()(std::byte* memory) const {
  ::operator delete[](memory, kLine);
}

std::span<std::byte> GuardedMemory::Before() const {
  return {memory_.get(), data_};
}

std::span<std::byte> GuardedMemory::Behind() const {
  return {data_ + size_, kGuardBytes};
}

bool GuardedMemory::intact() const {
  bool untouched = true;
  for (const std::span<std::byte> guard : {Before(), Behind()}) {
    ASAN_UNPOISON_MEMORY_REGION(guard.data(), guard.size());
    untouched &= std::ranges::count(guard, kNanByte) == std::ssize(guard);
    ASAN_POISON_MEMORY_REGION(guard.data(), guard.size());
  }
  return untouched;
}

// ------------------------------------------------------------------ cases

NormBuffers NativeCase::inputs() const {
  const auto data = [](const std::vector<float>& v) { return v.empty() ? nullptr : v.data(); };
  return {.x = x.data(),
          .gamma = data(gamma),
          .beta = data(beta),
          .mean = data(mean),
          .variance = data(variance)};
}

NativeCase MakeCase(const NativeProblem& problem, Distribution distribution, uint64_t seed) {
  const NativeProblem& p = problem;
  const CaseData data(p.spec, p.shape, distribution, seed, 0, p.format);
  NativeCase c = {.problem = p,
                  .x = data.x(),
                  .gamma = data.gamma(),
                  .beta = data.beta(),
                  .mean = data.mean(),
                  .variance = data.variance()};
  if (p.fusion.add_before || p.fusion.add_after)
    c.residual = CaseData(p.spec, p.shape, Distribution::kNormal, seed, 1, p.format).x();
  return c;
}

void RoundTo(DType dtype, std::vector<float>& values) {
  for (float& value : values) value = static_cast<float>(RoundTo(dtype, double{value}));
}

NativeAnswer RunNative(const NativeCase& c, const RunOptions& options) {
  const NativeNorm norm = NativeNorm::Plan(c.problem, options.norm).value();
  const Tensors t = MakeTensors(c, options, norm.ScratchBytes(options.threads));
  FillInputs(c, t);
  const std::vector<std::byte> x = BytesOf(t.x), residual = BytesOf(t.residual);
  const NativeBuffers buffers = BuffersOf(t, options);
  EXPECT_TRUE(norm.Check(buffers).ok()) << norm.Check(buffers);
  norm.Run(buffers, t.scratch.data(), options.pool, options.threads);
  EXPECT_TRUE(t.intact()) << "written beyond what was given: " << Describe(c.problem);
  const auto overwritten = [&](Place place) { return options.y == place || options.sum == place; };
  EXPECT_TRUE(overwritten(Place::kX) || BytesOf(t.x) == x) << "x was written to";
  EXPECT_TRUE(overwritten(Place::kResidual) || BytesOf(t.residual) == residual)
      << "the residual was written to";
  const auto copy = [&](const void* at) {
    const auto* data = static_cast<const std::byte*>(at);
    return at == nullptr ? std::vector<std::byte>() : std::vector(data, data + t.x.size());
  };
  return {.y = copy(buffers.norm.y),
          .sum = copy(buffers.sum),
          .mean = FloatsOf(t.mean_out),
          .rstd = FloatsOf(t.rstd_out)};
}

bool SameBits(const NativeAnswer& a, const NativeAnswer& b) {
  return a.y == b.y && a.sum == b.sum && SameFloats(a.mean, b.mean) && SameFloats(a.rstd, b.rstd);
}

std::vector<float> ValuesOf(const NativeProblem& problem, std::span<const std::byte> packed) {
  std::vector<float> values(problem.shape.elements());
  Unpack(problem.format, problem.shape, packed.data(), values);
  return values;
}

std::string Describe(const NativeProblem& problem) {
  const Fusion& fusion = problem.fusion;
  std::string text = Describe(problem.spec, problem.shape, problem.format);
  absl::StrAppend(&text, " eps=", problem.spec.eps);
  if (fusion.add_before) text += " add_before";
  if (fusion.add_after) text += " add_after";
  if (fusion.activation == Activation::kRelu) text += " relu";
  if (fusion.activation == Activation::kSilu) text += " silu";
  return text;
}

NativeProblem ProblemOf(const NormSpec& spec, std::string_view shape, TensorFormat format,
                        const Fusion& fusion) {
  return {spec, Shape::Parse(shape).value(), format, fusion};
}

Setting SettingOf(const NativeProblem& problem) {
  return {.problem = problem,
          .scheme = SchemeOf(problem.spec, problem.shape, problem.format),
          .loops = &LoopsFor(SupportedIsas().back(), problem.format.dtype)};
}

ThreadPool& SharedPool() {
  static ThreadPool pool(4);
  return pool;
}

}  // namespace normbench
