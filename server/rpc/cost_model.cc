// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/cost_model.h"
