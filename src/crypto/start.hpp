// What a program does once before it uses this room.
#pragma once

namespace heliograph::crypto {

// Fetches every algorithm, so that no later call can find one missing. Throws std::runtime_error,
// naming the algorithm, if libcrypto does not provide it.
void start();

}  // namespace heliograph::crypto
