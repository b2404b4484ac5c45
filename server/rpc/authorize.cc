// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/authorize.h"
