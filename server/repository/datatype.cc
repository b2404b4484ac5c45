// SPDX-License-Identifier: Apache-2.0
#include "server/repository/datatype.h"

#include <array>

namespace normbench {
namespace {

struct Row {
  inference::DataType type;
  std::string_view name;
  int size;
};

constexpr std::array<Row, 14> kRows = {{
    {inference::TYPE_BOOL, "BOOL", 1},
    {inference::TYPE_UINT8, "UINT8", 1},
    {inference::TYPE_UINT16, "UINT16", 2},
    {inference::TYPE_UINT32, "UINT32", 4},
    {inference::TYPE_UINT64, "UINT64", 8},
    {inference::TYPE_INT8, "INT8", 1},
    {inference::TYPE_INT16, "INT16", 2},
    {inference::TYPE_INT32, "INT32", 4},
    {inference::TYPE_INT64, "INT64", 8},
    {inference::TYPE_FP16, "FP16", 2},
    {inference::TYPE_FP32, "FP32", 4},
    {inference::TYPE_FP64, "FP64", 8},
    {inference::TYPE_STRING, "BYTES", 0},
    {inference::TYPE_BF16, "BF16", 2},
}};

}  // namespace

std::string WireName(inference::DataType type) {
  for (const Row& row : kRows) {
    if (row.type == type) return std::string(row.name);
  }
  return "";
}

inference::DataType TypeOfWireName(std::string_view datatype) {
  for (const Row& row : kRows) {
    if (row.name == datatype) return row.type;
  }
  return inference::TYPE_INVALID;
}

int WireSize(std::string_view datatype) {
  for (const Row& row : kRows) {
    if (row.name == datatype) return row.size;
  }
  return 0;
}

}  // namespace normbench
