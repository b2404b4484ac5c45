// SPDX-License-Identifier: Apache-2.0
#include "server/repository/warmup_data.h"

#include <cstdint>
#include <cstring>
#include <fstream>
#include <random>
#include <span>
#include <string>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bench/norm/half.h"
#include "server/repository/config_error.h"
#include "server/repository/datatype.h"
#include "server/repository/naming.h"
#include "server/repository/warmup_check.h"

namespace normbench {
namespace {

namespace fs = std::filesystem;
using inference::ModelWarmup;

template <typename T>
void Put(T value, std::string& bytes) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

// Eighths from -1 to 1 are the same number in every floating point type; whole numbers stay small:
// they may be places in a table.
void PutRandom(inference::DataType type, std::mt19937_64& random, std::string& bytes) {
  const auto below = [&](uint64_t bound) { return static_cast<int>(random() % bound); };
  const auto fraction = [&] { return static_cast<float>(below(17) - 8) / 8; };
  switch (type) {
    case inference::TYPE_FP64:
      return Put<double>(fraction(), bytes);
    case inference::TYPE_FP32:
      return Put<float>(fraction(), bytes);
    case inference::TYPE_FP16:
      return Put<uint16_t>(F16OfF32(fraction()), bytes);
    case inference::TYPE_BF16:
      return Put<uint16_t>(Bf16OfF32(fraction()), bytes);
    case inference::TYPE_BOOL:
      return Put<uint8_t>(static_cast<uint8_t>(below(2)), bytes);
    case inference::TYPE_STRING:
      Put<uint32_t>(kRandomStringBytes, bytes);
      for (int i = 0; i < kRandomStringBytes; ++i) bytes += static_cast<char>('a' + below(26));
      return;
    default: {
      // Little-endian: a small number is its first byte.
      const int size = WireSize(WireName(type));
      bytes += static_cast<char>(below(10));
      bytes.append(static_cast<size_t>(size - 1), '\0');
    }
  }
}

int64_t ElementsOf(const ModelWarmup::Input& given) {
  int64_t elements = 1;
  for (const int64_t dim : given.dims()) elements *= dim;
  return elements;
}

absl::StatusOr<std::string> ReadSample(const fs::path& file, const std::string& field) {
  std::error_code error;
  // Opening a pipe would wait for ever.
  if (!fs::is_regular_file(file, error)) {
    return ConfigError(
        absl::StrCat(field, ": there is no such file in the model's folder ", kWarmupFolder));
  }
  const uintmax_t size = fs::file_size(file, error);
  if (error || size > static_cast<uintmax_t>(kMaxWarmupBytes)) {
    return ConfigError(
        absl::StrCat(field, ": the file is too long; allowed: ", kMaxWarmupBytes, " bytes"));
  }
  std::string bytes(size, '\0');
  std::ifstream in(file, std::ios::binary);
  if (in.read(bytes.data(), static_cast<std::streamsize>(size))) return bytes;
  return ConfigError(field + ": cannot be read");
}

// Whether `bytes` are `elements` strings, each behind its length.
bool HoldsStrings(const std::string& bytes, int64_t elements) {
  size_t at = 0;
  for (int64_t i = 0; i < elements; ++i) {
    uint32_t length = 0;
    if (bytes.size() - at < sizeof(length)) return false;
    std::memcpy(&length, bytes.data() + at, sizeof(length));
    at += sizeof(length);
    if (bytes.size() - at < length) return false;
    at += length;
  }
  return at == bytes.size();
}

absl::StatusOr<std::string> SampleOfFile(const ModelWarmup::Input& given, const fs::path& model,
                                         const std::string& field) {
  const std::string& file = given.input_data_file();
  const std::string named = absl::StrCat(field, ".input_data_file: ", Quoted(file));
  absl::StatusOr<std::string> bytes = ReadSample(model / kWarmupFolder / file, named);
  if (!bytes.ok()) return bytes;
  const int64_t elements = ElementsOf(given);
  if (given.data_type() == inference::TYPE_STRING) {
    if (HoldsStrings(*bytes, elements)) return bytes;
    return ConfigError(absl::StrCat(named, ": does not hold exactly ", elements,
                                    " strings, each behind its length in 4 bytes"));
  }
  const int64_t wanted = elements * WireSize(WireName(given.data_type()));
  if (bytes->size() == static_cast<size_t>(wanted)) return bytes;
  return ConfigError(absl::StrCat(named, ": ", bytes->size(), " bytes; one sample has ", wanted));
}

// The bytes of one sample.
absl::StatusOr<std::string> Sample(const ModelWarmup::Input& given, const fs::path& model,
                                   const std::string& field, std::mt19937_64& random) {
  if (given.has_input_data_file()) return SampleOfFile(given, model, field);
  const int64_t elements = ElementsOf(given);
  std::string bytes;
  if (given.random_data()) {
    for (int64_t i = 0; i < elements; ++i) PutRandom(given.data_type(), random, bytes);
    return bytes;
  }
  const bool strings = given.data_type() == inference::TYPE_STRING;
  const int size = strings ? sizeof(uint32_t) : WireSize(WireName(given.data_type()));
  bytes.resize(static_cast<size_t>(elements * size));
  return bytes;
}

void Repeat(const std::string& sample, int64_t batch, std::vector<Line>& memory) {
  const size_t bytes = sample.size() * static_cast<size_t>(batch);
  memory.resize((bytes + sizeof(Line) - 1) / sizeof(Line));
  auto* to = reinterpret_cast<std::byte*>(memory.data());
  for (int64_t i = 0; i < batch && !sample.empty(); ++i, to += sample.size()) {
    std::memcpy(to, sample.data(), sample.size());
  }
}

}  // namespace

absl::StatusOr<WarmupData> MakeWarmupData(const ModelWarmup& warmup,
                                          const inference::ModelConfig& config,
                                          const fs::path& model) {
  const int64_t batch = WarmupBatch(warmup);
  std::mt19937_64 random(1);
  WarmupData data;
  int64_t bytes = 0;
  for (const inference::ModelInput& input : config.input()) {
    const ModelWarmup::Input& given = warmup.inputs().at(input.name());
    const std::string field =
        absl::StrCat("model_warmup ", Quoted(warmup.name()), " input ", Quoted(input.name()));
    const absl::StatusOr<std::string> sample = Sample(given, model, field, random);
    if (!sample.ok()) return sample.status();
    bytes += static_cast<int64_t>(sample->size()) * batch;
    // Only strings of a file are not known before.
    if (bytes > kMaxWarmupBytes) {
      return ConfigError(absl::StrCat(field, ": the sample has more than ", kMaxWarmupBytes,
                                      " bytes, the batch included"));
    }
    std::vector<int64_t> shape(given.dims().begin(), given.dims().end());
    if (config.max_batch_size() > 0) shape.insert(shape.begin(), batch);
    Repeat(*sample, batch, data.memory.emplace_back());
    data.inputs.push_back({WireName(input.data_type()), std::move(shape),
                           reinterpret_cast<const std::byte*>(data.memory.back().data()),
                           sample->size() * static_cast<size_t>(batch)});
  }
  return data;
}

}  // namespace normbench
