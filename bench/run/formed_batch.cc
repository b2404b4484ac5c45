// SPDX-License-Identifier: Apache-2.0
#include "bench/run/formed_batch.h"

#include <algorithm>
#include <limits>
#include <string_view>

#include "bench/run/answer_reader.h"

namespace normbench {
namespace {

constexpr std::string_view kName = "normbench_formed_batch";

// Fields of the entries of every map.
constexpr int kKey = 1;
constexpr int kValue = 2;

}  // namespace

void AskForFormedBatch(inference::ModelInferRequest* request) {
  (*request->mutable_parameters())["normbench_times"].set_bool_param(true);
}

int FormedBatchReader::Read(std::span<const std::byte> response) {
  entries_.clear();
  FindFields(response, inference::ModelInferResponse::kParametersFieldNumber, &entries_);
  for (const auto& entry : entries_) {
    parts_.clear();
    if (!FindFields(entry, kKey, &parts_) || parts_.empty()) continue;
    const auto key = parts_.back();
    if (!std::ranges::equal(key, std::as_bytes(std::span(kName)))) continue;
    parts_.clear();
    if (!FindFields(entry, kValue, &parts_) || parts_.empty()) return 0;
    const auto value = parts_.back();
    if (!parameter_.ParseFromArray(value.data(), static_cast<int>(value.size()))) return 0;
    const int64_t formed = parameter_.int64_param();
    return formed > 0 && formed <= std::numeric_limits<int>::max() ? static_cast<int>(formed) : 0;
  }
  return 0;
}

}  // namespace normbench
