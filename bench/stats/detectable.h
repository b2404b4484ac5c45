// SPDX-License-Identifier: Apache-2.0
// What a comparison of paired log ratios can find, before it is made: the change that is shown to
// be beyond the margin with the given power. A closed form for planning; 1.25 is sqrt(pi / 2), the
// standard error of a median over that of a mean.
#pragma once

namespace normbench {

// exp(ln(1 + margin) + (z_{1-alpha} + z_power) * 1.25 * sd / sqrt(rounds)) - 1: changes and margins
// are shares, 0.05 for 5 %; `sd` is that of the log ratios (spread.h).
// REQUIRES: margin > -1, sd >= 0, rounds >= 1, alpha and power between 0 and 1.
double DetectableEffect(double margin, double sd, int rounds, double alpha, double power);

// The smallest number of rounds with DetectableEffect <= effect; most + 1 where even `most` are too
// few. Bounds need SignedRankNeeded(alpha) rounds besides, however small sd is.
// REQUIRES: most >= 1, alpha < 0.5 < power, which more rounds bring nearer.
int RoundsToDetect(double margin, double sd, double effect, double alpha, double power, int most);

}  // namespace normbench
