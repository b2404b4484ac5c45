// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/intra_op.h"

namespace normbench {
namespace {

thread_local int intra_op_threads = 1;

}  // namespace

void SetIntraOpThreads(int threads) {
  intra_op_threads = threads;
}

int IntraOpThreads() {
  return intra_op_threads;
}

}  // namespace normbench
