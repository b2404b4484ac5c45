// SPDX-License-Identifier: Apache-2.0
#include "bench/report/writers/printable.h"

namespace normbench {

std::string Printable(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\t') c = '?';
  }
  return text;
}

}  // namespace normbench
