// SPDX-License-Identifier: Apache-2.0
// The blocks of a report for people: results with equal titles share one table.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/report/format.h"
#include "bench/report/table.h"
#include "normbench/v1/report.pb.h"

namespace normbench {

using ResultList = std::vector<const v1::CaseResult*>;

// "kernel group f32 nchw 64x56x56 g=32 cpu hot"
std::string KernelTitle(const v1::CaseResult& result);
Table KernelTable(const ResultList& results);

// "service group f32 nchw 64x56x56 g=32 cpu   closed"
std::string ServiceTitle(const v1::CaseResult& result);
Table ServiceTable(const ResultList& results);

// "model plain6 fmnist-wide   closed, 8 in flight   top-1 over all 10000 images"
std::string ModelTitle(const v1::CaseResult& result);
Table ModelTable(const ResultList& results);

// Answers by the batch that the server formed against those to each image alone; nothing where no
// requests were joined.
std::optional<Table> BatchingTable(const ResultList& results);

// The same for results of open loops: what was offered and what came, p99 from the scheduled and
// from the actual send side by side.
Table OpenTable(const ResultList& results);

// "invariance group 64x56x56 g=32 cpu   n 1 2 33, threads 1 2": rows are implementations and
// formats.
std::string InvarianceTitle(const v1::CaseResult& result);
Table InvarianceTable(const ResultList& results);

// What the tables share.

// "closed", or "open poisson:200/s, drop, deadline 20.0 ms, 2 channels".
std::string LoopWords(const v1::Load& load);

// " 64x56x56 g=32 cpu": all of NormWords behind the layout.
std::string DetailWords(const v1::NormCase& norm_case);

// "batch f32 nchw 64x56x56 stats=running cpu", all that differs from the usual included: rows of
// one block have the rest in common.
std::string NormWords(const v1::NormCase& norm_case);

// The number, or "-" where it is absent.
Cell NumberCell(bool given, double value);
Cell CountCell(bool given, double value);

// Distinct answers to one input, ">16" where no more were told apart.
Cell OutputsCell(const v1::CaseResult& result);

Cell TensorNCell(const v1::NormCase& norm_case);

// "61.0 [60.7, 61.4]", "inf" or "-".
Cell QuantileCell(const v1::Quantile& quantile, const TimeUnit& unit);

// The unit for all quantiles of the results.
TimeUnit UnitOf(const ResultList& results);

// True where a column of errors is worth its place.
bool AnyErrors(const ResultList& results);

}  // namespace normbench
