// Random bytes for secrets: libcrypto's generator, seeded by the kernel.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace heliograph::crypto {

// Ends the process if there is no randomness: no secret made after that would be one.
void fill_random(MutableBytes out);

std::uint64_t random_u64();

}  // namespace heliograph::crypto
