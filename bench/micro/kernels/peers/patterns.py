# SPDX-License-Identifier: Apache-2.0
"""Patterns of keys: * stands for anything, all else for itself (keys have question marks). Pure."""

import re


def fits(pattern, text):
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text) is not None
