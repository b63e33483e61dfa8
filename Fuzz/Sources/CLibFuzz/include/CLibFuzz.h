// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#ifndef FAUST_CFUZZER_H
#define FAUST_CFUZZER_H

#include <stddef.h>
#include <stdint.h>

/// libFuzzer as a library: parses the options, then calls back with one input after the other.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));

#endif
