// The toolchain has libFuzzer's library without its header.
#include <stddef.h>
#include <stdint.h>

/// Runs a fuzzer with its options; returns its exit status.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));
