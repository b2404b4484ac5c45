// SPDX-License-Identifier: Apache-2.0
#include "bench/report/blocks.h"

#include <map>
#include <utility>

#include "bench/report/case_result.h"

namespace normbench {
namespace {

struct BlockKind {
  std::string (*title)(const v1::CaseResult& result);
  Table (*table)(const ResultList& results);
};

BlockKind KindOf(const v1::CaseResult& result) {
  if (result.kind() == "kernel") return {KernelTitle, KernelTable};
  if (result.kind() == "service") return {ServiceTitle, ServiceTable};
  if (result.kind() == "invariance") return {InvarianceTitle, InvarianceTable};
  return {ModelTitle, ModelTable};
}

}  // namespace

std::vector<Block> BlocksOf(const v1::Report& report) {
  std::vector<Block> blocks;
  std::map<std::string, size_t> index;
  for (const v1::CaseResult& result : report.cases()) {
    if (!HasNumbers(result)) continue;
    const std::string title = KindOf(result).title(result);
    const auto [position, is_new] = index.emplace(title, blocks.size());
    if (is_new) blocks.push_back({title, {}});
    blocks[position->second].results.push_back(&result);
  }
  return blocks;
}

std::vector<Table> TablesOf(const Block& block) {
  std::vector<Table> tables = {KindOf(*block.results.front()).table(block.results)};
  if (auto batching = BatchingTable(block.results)) tables.push_back(*std::move(batching));
  return tables;
}

}  // namespace normbench
