// SPDX-License-Identifier: Apache-2.0
#include "bench/host/text_file.h"

#include <fstream>
#include <sstream>

namespace normbench {

std::string ReadTextFile(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace normbench
