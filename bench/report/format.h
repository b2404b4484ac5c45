// SPDX-License-Identifier: Apache-2.0
// Numbers as people read them: three significant digits, a unit that fits.
#pragma once

#include <string>
#include <vector>

namespace normbench {

// Three significant digits without an exponent from 0.001 to 1e6: "0.797", "4.10", "61.0", "1480",
// "26.3";
// "inf", "-inf", "nan" otherwise.
std::string FormatNumber(double value);

// A whole number: "2304".
std::string FormatCount(double value);

// "134 us", "4.10 ms", "1.73 s", "inf".
std::string FormatSeconds(double seconds);

// "45s", "3m10s", "1h02m".
std::string FormatDuration(double seconds);

// "210 MB", decimal.
std::string FormatBytes(double bytes);

// One unit for a whole column: the one in which the geometric mean of `seconds` reads best.
struct TimeUnit {
  double per_second = 1;  // factor from seconds
  std::string name;       // us | ms | s
};
TimeUnit UnitFor(const std::vector<double>& seconds);

}  // namespace normbench
