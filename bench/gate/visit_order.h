// SPDX-License-Identifier: Apache-2.0
// In which order the arms of a round are visited: random, and balanced, so that each comes first,
// second and third equally often.
#pragma once

#include <string_view>
#include <vector>

namespace normbench {

// Arms of round `number` (from 1): the six orders of A, A', B in a random order of their own for
// every six rounds. With `with_floor` false the two of A and B. Depends on the arguments only.
std::vector<std::string_view> VisitOrder(int seed, int number, bool with_floor);

}  // namespace normbench
