// What libcrypto's queue of errors says about a file that could not be decrypted. Private to this
// room.
#pragma once

namespace heliograph::crypto {

// An algorithm is not supported, or its provider is not loaded. Empties the queue.
bool algorithm_is_missing();

}  // namespace heliograph::crypto
