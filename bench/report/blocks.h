// SPDX-License-Identifier: Apache-2.0
// The tables of a report: one block for each norm and shape (kernel, service, invariance) and each
// data set and concurrency (model). Pure.
#pragma once

#include <string>
#include <vector>

#include "bench/report/case_table.h"
#include "bench/report/table.h"
#include "normbench/v1/report.pb.h"

namespace normbench {

struct Block {
  std::string title;
  ResultList results;  // at least one; point into the report
};

// In the order of their first cases. Cases without any number are in none.
std::vector<Block> BlocksOf(const v1::Report& report);

// At least one: where a server joined requests of models, another one says whether that changed
// their answers.
std::vector<Table> TablesOf(const Block& block);

}  // namespace normbench
